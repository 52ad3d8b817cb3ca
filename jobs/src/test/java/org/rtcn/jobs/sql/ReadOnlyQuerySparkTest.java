package org.rtcn.jobs.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry;
import org.apache.spark.sql.catalyst.analysis.TableFunctionRegistry;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.SparkTestSession;

class ReadOnlyQuerySparkTest {
  private static final Pattern EXAMPLE = Pattern.compile("(?ms)> (SELECT.*?);\\s*$");
  private static final Set<String> TABLES = Set.of("t", "u");
  private static final Set<String> REFUSED_FUNCTIONS =
      Set.of(
          "java_method",
          "reflect",
          "xpath",
          "xpath_boolean",
          "xpath_double",
          "xpath_float",
          "xpath_int",
          "xpath_long",
          "xpath_number",
          "xpath_short",
          "xpath_string");

  private static SparkSession spark;
  @TempDir static Path folder;

  @BeforeAll
  static void views() {
    // Its own session: views and settings of other tests stay theirs.
    spark = SparkTestSession.get().newSession();
    spark.range(3).createOrReplaceTempView("t");
    spark.range(3).createOrReplaceTempView("u");
  }

  @Test
  void everyFunctionOfSparkIsAllowedOrRefusedWithAReason() {
    Set<String> decided = new TreeSet<>(ReadOnlyQuery.functions());
    decided.addAll(REFUSED_FUNCTIONS);
    assertThat(builtin().keySet()).isEqualTo(decided);
  }

  /** The examples of Spark's own documentation, about 900 queries. */
  @Test
  void everyExampleOfSparksFunctionsPasses() {
    List<String> wrong = new ArrayList<>();
    int queries = 0;
    for (Map.Entry<String, List<ExpressionInfo>> function : builtin().entrySet()) {
      for (ExpressionInfo info : function.getValue()) {
        Matcher example = EXAMPLE.matcher(info.getExamples());
        while (example.find()) {
          queries++;
          String query = example.group(1).replace("_FUNC_", function.getKey());
          boolean isRefused = REFUSED_FUNCTIONS.contains(function.getKey());
          try {
            analyse(query);
            if (isRefused) {
              wrong.add("passed: " + query);
            }
          } catch (RuntimeException e) {
            if (!isRefused) {
              wrong.add(query + " -> " + e.getMessage());
            }
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(queries).isGreaterThan(800);
  }

  @Test
  void whatAnAnalystAsksPasses() throws Exception {
    for (String query : queries("asked.sql")) {
      try {
        analyse(query);
      } catch (RuntimeException e) {
        throw new AssertionError(query, e);
      }
    }
  }

  @Test
  void whatDoesMoreThanReadingTheRunIsRefused() throws Exception {
    Path file = Files.writeString(folder.resolve("secret.csv"), "a\n");
    Path written = folder.resolve("written");
    List<String> passed = new ArrayList<>();
    for (String line : queries("refused.sql")) {
      String query =
          line.replace("{file}", file.toString()).replace("{written}", written.toString());
      try {
        analyse(query);
        passed.add(query);
      } catch (UserException e) {
        assertThat(e.getMessage()).as(query).matches("Cannot (run|find) .*").doesNotContain("\n");
      } catch (Exception e) {
        // A syntax that this Spark does not know has not run either.
        assertThat(e.getCause()).as(query).isInstanceOf(ParseException.class);
      }
      assertThat(written).as(query).doesNotExist();
    }
    assertThat(passed).isEmpty();
    assertThat(System.getProperty("rtcn.test.reflected")).isNull();
    assertThat(spark.conf().contains("spark.rtcn.test")).isFalse();
    assertThat(spark.catalog().tableExists("v")).isFalse();
  }

  @Test
  void theEnvironmentIsNotRead() {
    assertThat(analyse("SELECT '${env:PATH}' AS a, '${system:user.dir}' AS b").first().toString())
        .isEqualTo("[${env:PATH},${system:user.dir}]");
  }

  @Test
  void aViewOfAnotherIsNotRead() {
    spark.range(1).createOrReplaceTempView("foreign_view");
    assertThatThrownBy(() -> analyse("SELECT * FROM foreign_view"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Cannot find the table foreign_view")
        .hasMessageContaining("t, u");
    // Even where the name passed: the analysed plan says what it stands for.
    assertThatThrownBy(
            () ->
                ReadOnlyQuery.requireAnalysed(
                    spark.sql("SELECT * FROM foreign_view").queryExecution().analyzed(), TABLES))
        .isInstanceOf(UserException.class);
    assertThatThrownBy(
            () ->
                ReadOnlyQuery.requireAnalysed(
                    spark
                        .sql("SELECT java_method('java.lang.Math', 'abs', 1)")
                        .queryExecution()
                        .analyzed(),
                    TABLES))
        .isInstanceOf(UserException.class);
  }

  /** What is not named is not looked at; a name that is hidden is found when it is analysed. */
  @Test
  void tablesThatAreNamedAreFoundInThePlan() {
    for (String[] each :
        new String[][] {
          {"SELECT 't' FROM u", "u"},
          {"SELECT * FROM `T` JOIN u ON true", "t u"},
          {"WITH a AS (SELECT * FROM t) SELECT * FROM a WHERE 1 IN (SELECT id FROM u)", "t u"},
          {"SELECT (SELECT max(id) FROM t)", "t"},
          {"DESCRIBE t", "t"},
          {"SHOW COLUMNS IN u", "u"},
          {"EXPLAIN SELECT * FROM t", "t"},
          {"SHOW TABLES", ""},
          {"SELECT 1 AS t", ""},
        }) {
      assertThat(String.join(" ", ReadOnlyQuery.parse(spark, each[0], TABLES).tables()))
          .as(each[0])
          .isEqualTo(each[1]);
    }
    // Whatever hides a name from the parser: the analysed plan shows what is read.
    assertThatThrownBy(
            () ->
                ReadOnlyQuery.requireAnalysed(
                    spark.sql("SELECT * FROM IDENTIFIER('t' || '')").queryExecution().analyzed(),
                    Set.of("u")))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot run the view t: ");
  }

  private static Dataset<Row> analyse(String query) {
    return ReadOnlyQuery.parse(spark, query, TABLES).analyse();
  }

  private static List<String> queries(String resource) throws Exception {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                ReadOnlyQuerySparkTest.class.getResourceAsStream(resource),
                StandardCharsets.UTF_8))) {
      return in.lines().filter(line -> !line.isBlank() && !line.startsWith("--")).toList();
    }
  }

  private static Map<String, List<ExpressionInfo>> builtin() {
    Map<String, List<ExpressionInfo>> all = new TreeMap<>();
    FunctionRegistry.builtin()
        .listFunction()
        .foreach(name -> all.put(name.funcName(), new ArrayList<>()));
    TableFunctionRegistry.builtin()
        .listFunction()
        .foreach(name -> all.put(name.funcName(), new ArrayList<>()));
    all.forEach(
        (name, infos) -> {
          FunctionIdentifier identifier = new FunctionIdentifier(name);
          FunctionRegistry.builtin().lookupFunction(identifier).foreach(infos::add);
          TableFunctionRegistry.builtin().lookupFunction(identifier).foreach(infos::add);
        });
    return all;
  }
}
