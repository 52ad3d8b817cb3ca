package org.rtcn.jobs.sql;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.analysis.UnresolvedGenerator;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.analysis.UnresolvedTable;
import org.apache.spark.sql.catalyst.analysis.UnresolvedTableOrView;
import org.apache.spark.sql.catalyst.analysis.UnresolvedTableValuedFunction;
import org.apache.spark.sql.catalyst.analysis.UnresolvedView;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.UnresolvedWith;
import org.apache.spark.sql.catalyst.plans.logical.View;
import org.apache.spark.sql.catalyst.trees.TreeNode;
import org.rtcn.common.error.UserException;

/**
 * Lets a question pass that reads the tables of a run, and nothing else. The plan decides, not the
 * text: it may hold the nodes, functions and tables that are listed here and no others, so that
 * what a later Spark brings is refused until somebody has looked at it.
 *
 * <p>Spark runs a part of a query while it analyses it (rows of VALUES, values of a pivot, commands
 * as a whole). So the plan is looked at twice: as it was parsed, before anything has run, and as it
 * was analysed, when names stand for what they mean.
 */
final class ReadOnlyQuery {
  private static final String PLANS = "org.apache.spark.sql.catalyst.plans.logical.";
  private static final String ANALYSIS = "org.apache.spark.sql.catalyst.analysis.";
  private static final String COMMANDS = "org.apache.spark.sql.execution.command.";
  private static final String EXPRESSIONS = "org.apache.spark.sql.catalyst.expressions.";

  /** Nodes of a question, parsed or analysed. */
  private static final Set<String> NODES =
      named(
          PLANS,
          "Aggregate CTERelationDef CTERelationRef Distinct Except Expand Filter Generate"
              + " GlobalLimit Intersect Join LateralJoin LocalLimit LocalRelation Offset"
              + " OneRowRelation Pivot Project Range RebalancePartitions Repartition"
              + " RepartitionByExpression ResolvedHint Sample Sort SubqueryAlias Union Unpivot"
              + " UnresolvedHint UnresolvedWith View Window WithCTE WithWindowDefinition");

  /** What the parser leaves for the analysis to look up; tables and functions are checked. */
  private static final Set<String> UNRESOLVED =
      named(
          ANALYSIS,
          "MultiAlias NamedParameter PosParameter UnresolvedAlias UnresolvedAttribute"
              + " UnresolvedExtractValue UnresolvedFunction UnresolvedGenerator UnresolvedHaving"
              + " UnresolvedInlineTable UnresolvedOrdinal UnresolvedRegex UnresolvedRelation"
              + " UnresolvedStar UnresolvedSubqueryColumnAliases UnresolvedTVFAliases"
              + " UnresolvedTableValuedFunction UnresolvedFunctionName UnresolvedNamespace"
              + " UnresolvedTable UnresolvedTableOrView UnresolvedView CurrentNamespace$");

  /** Statements that show what is there. */
  private static final Set<String> SHOWING = showing();

  /** Expressions of Spark itself that only calculate are all but these. */
  private static final Set<String> REFUSED_EXPRESSIONS =
      named(EXPRESSIONS, "CallMethodViaReflection ScalaUDF PythonUDF PythonUDAF PythonUDTF");

  private static final Set<String> REFUSED_EXPRESSION_PACKAGES =
      Set.of(EXPRESSIONS + "objects.", EXPRESSIONS + "xml.");

  /** Why the best known of what is refused is refused. */
  private static final Map<String, String> REASONS =
      Map.of(
          "ScriptTransformation", "a script transform, which runs a program",
          "PlanWithUnresolvedIdentifier", "IDENTIFIER(), a name that is made up later",
          "ExpressionWithUnresolvedIdentifier", "IDENTIFIER(), a name that is made up later",
          "RelationTimeTravel", "a table as of another time",
          "SetCommand", "SET, which changes the session");

  private static final Set<String> FUNCTIONS = functions();

  private final SparkSession spark;
  private final String query;
  private final LogicalPlan plan;
  private final Set<String> tables;

  private ReadOnlyQuery(SparkSession spark, String query, LogicalPlan plan, Set<String> tables) {
    this.spark = spark;
    this.query = query;
    this.plan = plan;
    this.tables = tables;
  }

  /**
   * Parses a query; nothing has run yet, and no table been looked at.
   *
   * @param tables names of the tables of the run
   * @throws UserException if it does more than reading these
   */
  static ReadOnlyQuery parse(SparkSession spark, String query, Set<String> tables) {
    // ${env:NAME} and ${system:NAME} stand for what the environment holds; parquet.`PATH` for a
    // file.
    spark.conf().set("spark.sql.variable.substitute", "false");
    spark.conf().set("spark.sql.runSQLOnFiles", "false");
    LogicalPlan plan = parsed(spark, query);
    return new ReadOnlyQuery(spark, query, plan, requireParsed(plan, tables));
  }

  /** The tables of the run that it names. */
  Set<String> tables() {
    return tables;
  }

  /** Whether it is a SHOW, DESCRIBE or EXPLAIN. */
  boolean isShowing() {
    return isShowing(plan);
  }

  /**
   * Analyses it, and runs it where it is a SHOW or DESCRIBE. By now a view stands for each table
   * that it names.
   *
   * @throws UserException if it means another table than it names, or does more than reading
   */
  Dataset<Row> analyse() {
    Dataset<Row> rows = spark.sql(query);
    // What only shows has run by now.
    if (!isShowing(plan)) {
      requireAnalysed(rows.queryExecution().analyzed(), tables);
    }
    return rows;
  }

  private static boolean isShowing(LogicalPlan parsed) {
    return SHOWING.contains(parsed.getClass().getName());
  }

  private static LogicalPlan parsed(SparkSession spark, String query) {
    try {
      return spark.sessionState().sqlParser().parsePlan(query);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      // ParseException is checked, and Scala does not declare it.
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** The functions that a query may name. */
  static Set<String> functions() {
    try (InputStream in = ReadOnlyQuery.class.getResourceAsStream("functions.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("# "))
          .flatMap(line -> java.util.Arrays.stream(line.split(" ", -1)))
          .collect(Collectors.toUnmodifiableSet());
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to read functions.txt of the jar", e);
    }
  }

  /** Before analysis: nothing has run yet. Gives the tables that are named. */
  private static Set<String> requireParsed(LogicalPlan plan, Set<String> tables) {
    Set<String> named = new TreeSet<>();
    Set<String> known = new HashSet<>(tables);
    PlanWalk.through(
        plan,
        node -> {
          if (node instanceof UnresolvedWith with) {
            with.cteRelations().foreach(relation -> known.add(lower(relation._1())));
          }
          return true;
        });
    if (!isShowing(plan)) {
      requireNode(plan, NODES, UNRESOLVED);
    }
    PlanWalk.through(
        plan,
        node -> {
          if (node != plan) {
            requireNode(node, NODES, UNRESOLVED);
          }
          tableOf(node)
              .ifPresent(
                  name -> {
                    requireTable(name, known);
                    named.add(lower(name.get(0)));
                  });
          requireFunction(node);
          return true;
        });
    named.retainAll(tables);
    return named;
  }

  /** After analysis: names stand for relations and expressions. */
  static void requireAnalysed(LogicalPlan plan, Set<String> tables) {
    PlanWalk.through(
        plan,
        node -> {
          requireNode(node, NODES, Set.of());
          // A view is one of ours, and what stands below it was not written by the user.
          if (node instanceof View view) {
            if (!view.isTempView() || !tables.contains(view.desc().identifier().table())) {
              throw refused("the view " + view.desc().identifier().unquotedString());
            }
            return false;
          }
          return true;
        });
  }

  private static void requireNode(TreeNode<?> node, Set<String> plans, Set<String> unresolved) {
    String name = node.getClass().getName();
    boolean isAllowed =
        plans.contains(name)
            || unresolved.contains(name)
            || (node instanceof Expression && isCalculation(name))
            || !(node instanceof Expression || node instanceof LogicalPlan);
    if (!isAllowed) {
      String kind = node.getClass().getSimpleName();
      throw refused(REASONS.getOrDefault(kind, kind));
    }
  }

  private static boolean isCalculation(String name) {
    return name.startsWith(EXPRESSIONS)
        && !REFUSED_EXPRESSIONS.contains(name)
        && REFUSED_EXPRESSION_PACKAGES.stream().noneMatch(name::startsWith);
  }

  /** The parts of the name, where a node is one of a table. */
  private static Optional<List<String>> tableOf(TreeNode<?> node) {
    scala.collection.Seq<String> parts = null;
    if (node instanceof UnresolvedRelation relation) {
      parts = relation.multipartIdentifier();
    } else if (node instanceof UnresolvedTableOrView relation) {
      parts = relation.multipartIdentifier();
    } else if (node instanceof UnresolvedTable relation) {
      parts = relation.multipartIdentifier();
    } else if (node instanceof UnresolvedView relation) {
      parts = relation.multipartIdentifier();
    }
    return Optional.ofNullable(parts)
        .map(scala.collection.JavaConverters::seqAsJavaList)
        .map(List::copyOf);
  }

  private static void requireTable(List<String> name, Set<String> known) {
    if (name.size() != 1 || !known.contains(lower(name.get(0)))) {
      throw new UserException(
          "Cannot find the table "
              + String.join(".", name)
              + ": rtcn sql reads the tables of the run, which are "
              + String.join(", ", new TreeSet<>(known)));
    }
  }

  private static void requireFunction(TreeNode<?> node) {
    scala.collection.Seq<String> parts = null;
    if (node instanceof UnresolvedFunction function) {
      parts = function.nameParts();
    } else if (node instanceof UnresolvedTableValuedFunction function) {
      parts = function.name();
    } else if (node instanceof UnresolvedGenerator generator) {
      requireFunction(generator.name().unquotedString());
    }
    if (parts != null) {
      requireFunction(parts.mkString("."));
    }
  }

  private static void requireFunction(String name) {
    if (!FUNCTIONS.contains(lower(name))) {
      throw refused("the function " + name);
    }
  }

  private static UserException refused(String what) {
    return new UserException(
        "Cannot run "
            + what
            + ": rtcn sql only reads the tables of the run, with functions that reach nothing else."
            + " Give a SELECT, SHOW TABLES or DESCRIBE");
  }

  private static Set<String> showing() {
    Set<String> all =
        new HashSet<>(
            named(
                PLANS,
                "DescribeColumn DescribeFunction DescribeNamespace DescribeRelation ShowColumns"
                    + " ShowFunctions ShowNamespaces ShowTableProperties ShowTables ShowViews"));
    all.addAll(
        named(
            COMMANDS,
            "DescribeQueryCommand ExplainCommand ShowCatalogsCommand ShowCurrentNamespaceCommand"));
    return Set.copyOf(all);
  }

  private static Set<String> named(String prefix, String names) {
    return java.util.Arrays.stream(names.split(" ", -1))
        .map(prefix::concat)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
