-- Programs.
SELECT TRANSFORM(id) USING 'touch {written}' AS (x) FROM t
FROM t SELECT TRANSFORM(id) USING 'touch {written}' AS (x)
FROM t MAP id USING 'touch {written}' AS (x)
FROM t REDUCE id USING 'touch {written}' AS (x)
SELECT * FROM (SELECT TRANSFORM(id) USING 'touch {written}' AS (x) FROM t) WHERE x = 1
SELECT * FROM t WHERE id IN (SELECT TRANSFORM(id) USING 'touch {written}' AS (x) FROM t)
SELECT (SELECT x FROM (SELECT TRANSFORM(id) USING 'touch {written}' AS (x) FROM t) LIMIT 1)
WITH a AS (SELECT TRANSFORM(id) USING 'touch {written}' AS (x) FROM t) SELECT * FROM a
WITH a AS (SELECT TRANSFORM(id) USING 'touch {written}' AS (x) FROM t) SELECT 1
SELECT 1 UNION ALL SELECT TRANSFORM(id) USING 'touch {written}' AS (x) FROM t
EXPLAIN SELECT TRANSFORM(id) USING 'touch {written}' AS (x) FROM t
DESCRIBE QUERY SELECT TRANSFORM(id) USING 'touch {written}' AS (x) FROM t
-- Java, wherever Spark may compute it.
SELECT java_method('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')
SELECT reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')
SELECT REFLECT('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')
SELECT `reflect`('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')
SELECT system.builtin.reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')
SELECT nvl(reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'), 1)
SELECT transform(array(1), x -> reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))
SELECT sum(1) OVER (PARTITION BY reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))
SELECT sum(1) OVER w FROM t WINDOW w AS (ORDER BY reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))
SELECT count(*) FILTER (WHERE reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1') = '1') FROM t
VALUES (reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))
SELECT * FROM VALUES (1), (reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')) AS v(x)
SELECT * FROM (SELECT id FROM t) PIVOT (sum(id) FOR id IN (reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')))
SELECT * FROM range(int(reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')))
SELECT * FROM t LIMIT int(reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))
SELECT * FROM t ORDER BY reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')
SELECT from_json('{}', reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))
SELECT approx_percentile(id, double(reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))) FROM t
SELECT * FROM t LATERAL VIEW explode(array(reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))) e AS x
SELECT * FROM t LATERAL VIEW reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1') e AS x
SELECT * FROM t JOIN u ON t.id = reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')
SELECT IDENTIFIER('reflect')('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')
EXPLAIN VALUES (reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))
DESCRIBE QUERY VALUES (reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))
SELECT /*+ COALESCE(reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')) */ * FROM t
SELECT /*+ REPARTITION(1, reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')) */ * FROM t
SELECT aggregate(array('a'), '', (a, x) -> reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))
SELECT array_sort(array(2, 1), (x, y) -> int(reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')))
SELECT assert_true(reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1') = '1')
SELECT if(true, 1, reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))
SELECT CASE WHEN reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1') = '1' THEN 1 END
SELECT * FROM t GROUP BY reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')
SELECT id FROM t GROUP BY id HAVING reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1') = '1'
SELECT * FROM t WHERE EXISTS (SELECT reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))
SELECT * FROM t, LATERAL (SELECT reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))
SELECT * FROM t UNPIVOT (v FOR n IN (id)) WHERE reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1') = '1'
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY int(reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))) FROM t
SELECT struct(reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))['col1']
SELECT id FROM t DISTRIBUTE BY reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')
SELECT id FROM t SORT BY reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')
SELECT id FROM t OFFSET int(reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))
WITH a AS (SELECT reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')) SELECT 1
SELECT try_reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')
VALUES (IDENTIFIER('reflect')('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))
SELECT IDENTIFIER('ref' || 'lect')('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')
EXPLAIN CODEGEN SELECT reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1')
EXPLAIN COST VALUES (reflect('java.lang.System', 'setProperty', 'rtcn.test.reflected', '1'))
-- Functions that are not Spark's, or fetch what a text names.
SELECT my_udf(id) FROM t
SELECT spark_catalog.default.my_udf(id) FROM t
SELECT * FROM my_table_function(1)
SELECT xpath_string('<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x"><a/>', 'a')
SELECT xpath('<!DOCTYPE a SYSTEM "file:{file}"><a/>', 'a')
-- Files and tables of others.
SELECT * FROM csv.`{file}`
SELECT * FROM parquet.`{file}`
SELECT * FROM text.`{file}`
SELECT * FROM json.`{file}`
SELECT * FROM orc.`{file}`
SELECT * FROM binaryFile.`{file}`
SELECT * FROM `text`.`{file}`
SELECT * FROM delta.`{file}`
SELECT * FROM t WHERE id IN (SELECT value FROM text.`{file}`)
WITH a AS (SELECT * FROM text.`{file}`) SELECT * FROM a
WITH text AS (SELECT 1) SELECT * FROM text.`{file}`
TABLE text.`{file}`
DESCRIBE text.`{file}`
DESCRIBE QUERY SELECT * FROM text.`{file}`
EXPLAIN SELECT * FROM text.`{file}`
SELECT * FROM default.t
SELECT * FROM spark_catalog.default.t
SELECT * FROM global_temp.t
SELECT * FROM IDENTIFIER('t')
SELECT * FROM IDENTIFIER('t' || '')
SELECT IDENTIFIER('id') FROM t
WITH a AS (SELECT * FROM IDENTIFIER('t')) SELECT 1
SELECT * FROM t WHERE id IN (SELECT id FROM IDENTIFIER('u'))
TABLE IDENTIFIER('t')
DESCRIBE IDENTIFIER('t')
SHOW COLUMNS IN IDENTIFIER('t')
EXPLAIN SELECT * FROM IDENTIFIER('t')
FROM text.`{file}` SELECT *
SELECT * FROM t JOIN csv.`{file}` c ON true
SELECT (SELECT count(*) FROM csv.`{file}`)
SELECT EXISTS (SELECT * FROM csv.`{file}`)
SELECT * FROM (TABLE text.`{file}`)
SELECT * FROM avro.`{file}`
SELECT * FROM jdbc.`jdbc:derby:{written};create=true`
SELECT * FROM `org.apache.spark.sql.execution.datasources.text`.`{file}`
SELECT * FROM `{file}`
SELECT * FROM `file:{file}`
SELECT * FROM read_files('{file}')
SELECT * FROM t FOR SYSTEM_TIME AS OF '2020-01-01'
SHOW TABLE EXTENDED LIKE '*'
SHOW COLUMNS IN text.`{file}`
SHOW TBLPROPERTIES text.`{file}`
SELECT * FROM t VERSION AS OF 1
SELECT * FROM t TIMESTAMP AS OF '2020-01-01'
SELECT * FROM absent
-- Whatever changes or writes.
CREATE TEMP VIEW v USING csv OPTIONS (path '{file}')
CREATE OR REPLACE TEMP VIEW v AS SELECT 1
CREATE VIEW v AS SELECT 1
CREATE GLOBAL TEMPORARY VIEW v AS SELECT 1
CREATE TABLE v USING csv OPTIONS (path '{file}')
CREATE TABLE v USING parquet LOCATION '{written}' AS SELECT 1 AS a
CREATE EXTERNAL TABLE v (a INT) STORED AS PARQUET LOCATION '{written}'
CREATE DATABASE v LOCATION '{written}'
CREATE FUNCTION f AS 'x' USING JAR '{file}'
CREATE TEMPORARY FUNCTION f AS 'java.lang.Math'
INSERT INTO t SELECT 1
INSERT OVERWRITE t SELECT 1
INSERT OVERWRITE DIRECTORY '{written}' USING csv SELECT id FROM t
INSERT OVERWRITE LOCAL DIRECTORY '{written}' USING csv SELECT id FROM t
FROM t INSERT OVERWRITE DIRECTORY '{written}' USING csv SELECT id
WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a
EXPLAIN INSERT OVERWRITE DIRECTORY '{written}' USING csv SELECT id FROM t
EXPLAIN EXTENDED CREATE TABLE v USING parquet LOCATION '{written}' AS SELECT 1 AS a
DELETE FROM t
UPDATE t SET id = 1
MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE
TRUNCATE TABLE t
ALTER VIEW t AS SELECT 1
ALTER TABLE t ADD COLUMN x INT
DROP VIEW t
DROP TABLE t
DROP TEMPORARY FUNCTION abs
LOAD DATA LOCAL INPATH '{file}' INTO TABLE t
MSCK REPAIR TABLE t
ANALYZE TABLE t COMPUTE STATISTICS
CACHE TABLE t
CACHE TABLE c AS SELECT 1
UNCACHE TABLE t
CLEAR CACHE
REFRESH TABLE t
REFRESH '{file}'
SET spark.rtcn.test=1
SET
SET spark.driver.extraJavaOptions
SET TIME ZONE 'UTC'
RESET
ADD JAR '{file}'
ADD FILE '{file}'
ADD ARCHIVE '{file}'
LIST JARS
LIST FILES
USE default
USE CATALOG x
COMMENT ON TABLE t IS 'x'
SHOW CREATE TABLE t
SHOW PARTITIONS t
DECLARE VARIABLE x INT
EXECUTE IMMEDIATE 'SELECT 1'
CALL system.x()
DFS -ls /
!ls
SELECT 1; CACHE TABLE t
CACHE LAZY TABLE c AS SELECT 1
CREATE TEMPORARY VIEW v USING org.apache.spark.sql.parquet OPTIONS (path '{written}')
CREATE OR REPLACE TABLE v AS SELECT 1
CREATE SCHEMA v
REPLACE TABLE v AS SELECT 1
DROP DATABASE default
REFRESH FUNCTION abs
REPAIR TABLE t
ANALYZE TABLES COMPUTE STATISTICS
SET -v
SET VAR x = 1
SET spark.sql.runSQLOnFiles=true
SET `spark.rtcn.test`=1
RESET spark.sql.runSQLOnFiles
LIST ARCHIVES
ADD JARS '{file}' '{file}'
INSERT OVERWRITE DIRECTORY '{written}' STORED AS PARQUET SELECT 1
INSERT INTO text.`{written}` SELECT 'a'
INSERT INTO t BY NAME SELECT 1 AS id
COPY INTO t FROM '{file}'
SELECT id INTO OUTFILE '{written}' FROM t
