package org.rtcn.jobs.sql;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.spark.sql.catalyst.expressions.InheritAnalysisRules;
import org.apache.spark.sql.catalyst.trees.TreeNode;
import org.apache.spark.sql.types.DataType;

/**
 * Goes through every node of a plan, wherever it stands: children, subqueries inside expressions,
 * common table expressions, window definitions. What Spark calls the children of a node is not all
 * of that, so each field of each node is looked at.
 */
final class PlanWalk {
  private final Predicate<TreeNode<?>> enter;
  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private PlanWalk(Predicate<TreeNode<?>> enter) {
    this.enter = enter;
  }

  /**
   * Visits the plan, each node once.
   *
   * @param enter looks at a node, and says whether to go on below it
   */
  static void through(TreeNode<?> plan, Predicate<TreeNode<?>> enter) {
    new PlanWalk(enter).visit(plan);
  }

  private void visit(Object part) {
    if (part instanceof TreeNode<?> node) {
      if (seen.add(node) && enter.test(node)) {
        // Spark analyses only the replacement of such a function; its parameters stay as parsed.
        if (!(node instanceof InheritAnalysisRules)) {
          each(node.productIterator());
        }
        each(node.children().iterator());
        each(node.innerChildren().iterator());
      }
    } else if (part instanceof scala.collection.Iterable<?> several
        && !(part instanceof DataType)) {
      each(several.iterator());
    } else if (part instanceof scala.Product product && !(part instanceof DataType)) {
      // Options, pairs and small records that hold nodes.
      each(product.productIterator());
    }
  }

  private void each(scala.collection.Iterator<?> parts) {
    while (parts.hasNext()) {
      visit(parts.next());
    }
  }
}
