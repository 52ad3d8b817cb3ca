package org.rtcn.jobs.averaging;

import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.rtcn.common.averaging.Share;
import org.rtcn.common.averaging.WeightedSum;
import scala.Tuple2;

/** Sums the workers' shares of a round, always in the same order. */
public final class ShareSums {
  /** With fewer, the driver's sum is done before the first executor has shuffled. */
  public static final int TREE_FROM_WORKERS = 9;

  private ShareSums() {}

  /**
   * With many workers, groups of them are summed on executors first, about √workers groups of
   * √workers, so that the driver neither holds nor adds every worker's vectors.
   *
   * @param treeFrom number of workers that are many
   * @throws IllegalStateException if no worker had data
   */
  public static WeightedSum of(JavaRDD<Share> shares, int workers, int treeFrom) {
    if (workers < treeFrom) {
      return WeightedSum.ofShares(shares.collect());
    }
    int groups = (int) Math.ceil(Math.sqrt(workers));
    List<WeightedSum> sums =
        shares
            .mapToPair(share -> new Tuple2<>(share.worker() % groups, share))
            .groupByKey(groups)
            .map(group -> WeightedSum.ofShares(group._2()))
            .collect();
    return WeightedSum.ofSums(sums);
  }
}
