import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;

/**
 * A NameNode, a DataNode, a ResourceManager and a NodeManager, as a process of its own. Writes
 * {@code yarn-site.xml}, {@code core-site.xml} for clients when all are up, and runs until it is stopped.
 *
 * <p>Usage: {@code java -cp JARS MiniCluster.java FOLDER MEMORY_MB}
 */
final class MiniCluster {
  private MiniCluster() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]).toAbsolutePath();
    YarnConfiguration conf = new YarnConfiguration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("dfs").toString());
    conf.setInt("dfs.replication", 1);
    conf.setInt(YarnConfiguration.YARN_MINICLUSTER_NM_PMEM_MB, Integer.parseInt(args[1]));
    conf.setInt(YarnConfiguration.NM_VCORES, 8);
    conf.setInt(YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB, 256);
    conf.setBoolean(YarnConfiguration.NM_VMEM_CHECK_ENABLED, false);
    conf.setBoolean(YarnConfiguration.YARN_MINICLUSTER_FIXED_PORTS, false);
    conf.setFloat(YarnConfiguration.NM_MAX_PER_DISK_UTILIZATION_PERCENTAGE, 99.9f);
    conf.set("yarn.scheduler.capacity.root.queues", "default");
    conf.set("yarn.scheduler.capacity.root.default.capacity", "100");
    // The driver and an executor may stand side by side in a small queue.
    conf.set("yarn.scheduler.capacity.maximum-am-resource-percent", "0.9");
    MiniDFSCluster hdfs = new MiniDFSCluster.Builder(conf).numDataNodes(1).build();
    hdfs.waitActive();
    MiniYARNCluster yarn = new MiniYARNCluster("rtcn", 1, 1, 1);
    yarn.init(conf);
    yarn.start();
    yarn.waitForNodeManagersToConnect(60_000);
    Configuration client = new Configuration(yarn.getConfig());
    client.set("fs.defaultFS", hdfs.getFileSystem().getUri().toString());
    // A class of the minicluster that clients do not have.
    client.unset("net.topology.node.switch.mapping.impl");
    // Both: yarn-default.xml, read after core-site.xml, would win over it.
    for (String name : new String[] {"yarn-site.xml", "core-site.xml"}) {
      Path aside = folder.resolve(name + ".writing");
      try (OutputStream out = Files.newOutputStream(aside)) {
        client.writeXml(out);
      }
      Files.move(aside, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
    // Containers are processes of their own, which nobody else would end.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  yarn.stop();
                  hdfs.shutdown();
                }));
    System.out.println("cluster is up");
    Thread.currentThread().join();
  }
}
