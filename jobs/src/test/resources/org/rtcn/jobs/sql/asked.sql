-- What an analyst asks, one query a line; the views t and u have a column id.
WITH a AS (SELECT id FROM t), b AS (SELECT * FROM a) SELECT * FROM a JOIN b USING (id)
WITH a(x) AS (SELECT id FROM t) SELECT x, (SELECT max(id) FROM u) FROM a WHERE x IN (SELECT id FROM t) AND EXISTS (SELECT 1 FROM t WHERE t.id = a.x) AND x NOT IN (1, 2)
WITH a AS (WITH b AS (SELECT id FROM t) SELECT * FROM b) SELECT * FROM a WHERE id > (WITH c AS (SELECT 0 AS z) SELECT z FROM c)
SELECT id, avg(id) OVER (PARTITION BY id % 2 ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t
SELECT sum(id) OVER w, lag(id, 1) IGNORE NULLS OVER w FROM t WINDOW w AS (ORDER BY id)
SELECT id, row_number() OVER (ORDER BY id), ntile(2) OVER (ORDER BY id), first_value(id) OVER (ORDER BY id RANGE BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING), nth_value(id, 2) OVER (ORDER BY id), percent_rank() OVER (ORDER BY id), cume_dist() OVER (ORDER BY id), rank() OVER (ORDER BY id), dense_rank() OVER (ORDER BY id), lead(id) OVER (ORDER BY id) FROM t
SELECT a, count(*) FILTER (WHERE id > 1) FROM t LATERAL VIEW OUTER explode(array(1, 2)) e AS a GROUP BY a HAVING count(*) > 0 ORDER BY a DESC NULLS LAST LIMIT 3 OFFSET 1
SELECT id, e.* FROM t LATERAL VIEW posexplode(sequence(0, id)) e AS p, v LATERAL VIEW explode(map('k', id)) m AS k, w
SELECT * FROM t, LATERAL (SELECT t.id + 1 AS y), LATERAL explode(array(t.id)) AS e(z)
SELECT * FROM t CROSS JOIN u LEFT JOIN t v ON u.id = v.id LEFT SEMI JOIN t w ON w.id = t.id LEFT ANTI JOIN u z ON z.id = t.id + 9
SELECT * FROM t FULL OUTER JOIN u ON t.id = u.id RIGHT JOIN t v ON v.id = u.id
SELECT * FROM t NATURAL JOIN u
SELECT id FROM t UNION ALL SELECT id FROM u UNION SELECT 1 INTERSECT SELECT 2 EXCEPT SELECT 3 MINUS SELECT 4
(SELECT id FROM t ORDER BY id LIMIT 1) UNION ALL (SELECT id FROM u ORDER BY id DESC LIMIT 1)
SELECT * FROM (SELECT id, id % 2 AS k FROM t) PIVOT (sum(id) AS s, max(id) AS m FOR k IN (0 AS even, 1 AS odd))
SELECT * FROM (SELECT id AS a, id AS b FROM t) UNPIVOT INCLUDE NULLS (v FOR n IN (a, b))
SELECT * FROM VALUES (1, 'a'), (2, 'b') AS v(x, y)
VALUES (1), (2)
TABLE t
FROM t SELECT id WHERE id > 0
SELECT id, grouping(id), grouping_id() FROM t GROUP BY ROLLUP(id)
SELECT id, id % 2, count(*) FROM t GROUP BY GROUPING SETS ((id, id % 2), (id), ())
SELECT id, id % 2, count(*) FROM t GROUP BY CUBE(id, id % 2)
SELECT id, max(id) FROM t GROUP BY 1 ORDER BY 2
SELECT id, count(*) FROM t GROUP BY ALL ORDER BY ALL
SELECT transform(array(1, 2), x -> x + 1), filter(array(1), x -> x > 0), aggregate(array(1), 0, (a, x) -> a + x, a -> a * 2), zip_with(array(1), array(2), (x, y) -> x + y), array_sort(array(2, 1), (x, y) -> x - y), exists(array(1), x -> x = 1)
SELECT CASE WHEN id > 1 THEN 'a' ELSE 'b' END, CASE id WHEN 1 THEN 2 END, CAST(id AS string), bigint(id), TRY_CAST('x' AS int), id BETWEEN 1 AND 2, 'a' LIKE 'b%' ESCAPE '/', 'a' LIKE ANY ('a', 'b'), 'a' NOT LIKE ALL ('a%'), 'a' RLIKE 'x', id IS NULL, id IS NOT DISTINCT FROM 2, id <=> 2, NOT true, -id, ~id, id div 2, id & 1, id | 2, id ^ 3, 'a' || 'b', array(1)[0], map('a', 1)['a'], struct(1 AS q).q, named_struct('a', 1).a, (id > 1) IS TRUE, 'a' ILIKE 'A' FROM t
SELECT CAST(id AS decimal(10, 2)) / 3, 1.5 * id, 1e3, 2.50BD, X'1F', date '2020-01-01' - date '2019-12-01', timestamp '2020-01-01 00:00:00' - interval 1 hour, interval '1-2' year to month, interval 3 days * 2 FROM t
SELECT DISTINCT id FROM t TABLESAMPLE (50 PERCENT) SORT BY id
SELECT * FROM t TABLESAMPLE (2 ROWS)
SELECT * FROM t TABLESAMPLE (BUCKET 1 OUT OF 4)
SELECT /*+ BROADCAST(t) */ * FROM t DISTRIBUTE BY id
SELECT /*+ REPARTITION(3), REBALANCE */ * FROM t CLUSTER BY id
SELECT t.* FROM t AS t(z)
SELECT `id` FROM t WHERE id = (SELECT min(v.id) FROM t v WHERE v.id > t.id)
SELECT (1, 2) = (1, 2), (1, 2) IN (SELECT 1, 2), id NOT IN (SELECT id FROM u WHERE id > 5) FROM t
SELECT date '2020-01-01' + interval 1 day, extract(year FROM date '2020-01-01'), current_date, current_timestamp, position('a' IN 'abc'), substring('abc' FROM 2 FOR 1), trim(BOTH 'a' FROM 'aba'), overlay('abc' PLACING 'x' FROM 2), timestampadd(DAY, 1, timestamp '2020-01-01 00:00:00'), timestampdiff(DAY, date '2020-01-01', date '2020-02-01'), date_add(MONTH, 1, date '2020-01-01')
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY id), percentile_disc(0.5) WITHIN GROUP (ORDER BY id DESC), percentile(id, 0.5), first(id) IGNORE NULLS, any_value(id) FROM t
SELECT count(DISTINCT id), sum(DISTINCT id), approx_count_distinct(id), collect_list(id), max_by(id, id), corr(id, id), mode(id), median(id), stddev(id), histogram_numeric(id, 3), regr_slope(id, id), approx_percentile(id, 0.5), count_if(id > 1), bool_and(id > 0), skewness(id), kurtosis(id), covar_samp(id, id) FROM t
SELECT * FROM range(10), explode(array(1, 2)) AS e(x)
SELECT stack(2, 1, 2), 1
SELECT inline(array(struct(1, 2)))
SELECT posexplode(array(1)) AS (p, v)
SELECT id AS x, x + 1 AS y FROM t
SELECT from_json('{"a":1}', 'a INT').a, to_json(struct(1 AS a)), from_csv('1', 'a INT'), get_json_object('{"a":1}', '$.a'), schema_of_json('{"a":1}'), from_json('{"a":1}', schema_of_json('{"a":1}'), map('mode', 'FAILFAST'))
SELECT json_tuple('{"a":1}', 'a')
SELECT window.start, count(*) FROM (SELECT window(ts, '1 hour') AS window FROM (SELECT timestamp '2020-01-01 00:00:00' AS ts)) GROUP BY window
SELECT session_window(ts, '5 minutes'), count(*) FROM (SELECT timestamp '2020-01-01 00:00:00' AS ts) GROUP BY session_window(ts, '5 minutes')
SELECT nvl(id, 1), ifnull(id, 1), nvl2(id, 1, 2), coalesce(id, 1), nullif(id, 1), if(id > 1, 'a', 'b'), iff.a, greatest(id, 1), left('abc', 2), right('abc', 2), to_binary('00', 'hex'), try_divide(1, 0), date_trunc('month', now()), count(*) OVER () FROM t, (SELECT 1 AS a) iff
SELECT t.id, u.id FROM t JOIN u ON t.id = u.id AND u.id BETWEEN 0 AND 2 WHERE t.id IN (0, 1) AND (t.id IS NOT NULL OR u.id <> 3)
-- What shows what is there.
SHOW TABLES
SHOW TABLES LIKE 't*'
SHOW VIEWS
SHOW COLUMNS IN t
SHOW FUNCTIONS LIKE 'a*'
SHOW DATABASES
SHOW CATALOGS
SHOW CURRENT NAMESPACE
DESCRIBE t
DESC TABLE EXTENDED t
DESCRIBE t id
DESCRIBE QUERY SELECT 1
DESCRIBE SELECT id FROM t
DESCRIBE FUNCTION EXTENDED abs
DESCRIBE DATABASE default
EXPLAIN SELECT 1
EXPLAIN FORMATTED SELECT * FROM t
