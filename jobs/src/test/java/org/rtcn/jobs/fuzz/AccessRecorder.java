package org.rtcn.jobs.fuzz;

import java.io.FileDescriptor;
import java.net.InetAddress;
import java.security.Permission;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Notes what a JVM touches besides a folder and its own classes: every file that is read, written
 * or removed by any way of Java's, every process, socket and name look-up. It forbids nothing.
 */
@SuppressWarnings("removal") // Java 17 still has it, and nothing else sees all of this.
final class AccessRecorder extends SecurityManager {
  private final Queue<String> seen = new ConcurrentLinkedQueue<>();
  private final Set<String> usual = ConcurrentHashMap.newKeySet();
  private final List<String> allowed;
  private volatile boolean armed;

  /**
   * @param allowed what paths may begin with
   */
  AccessRecorder(List<String> allowed) {
    this.allowed = List.copyOf(allowed);
  }

  /** From here on it notes. */
  void arm() {
    armed = true;
  }

  /** What was touched. */
  Queue<String> seen() {
    return seen;
  }

  private void note(String what, String target) {
    String access = what + " " + target;
    if (!armed) {
      usual.add(access);
    } else if (!usual.contains(access)
        && !target.endsWith(".class")
        && allowed.stream().noneMatch(target::startsWith)) {
      seen.add(access);
    }
  }

  @Override
  public void checkPermission(Permission permission) {}

  @Override
  public void checkPermission(Permission permission, Object context) {}

  @Override
  public void checkRead(String file) {
    note("read", file);
  }

  @Override
  public void checkRead(String file, Object context) {
    note("read", file);
  }

  @Override
  public void checkRead(FileDescriptor descriptor) {}

  @Override
  public void checkWrite(String file) {
    note("write", file);
  }

  @Override
  public void checkWrite(FileDescriptor descriptor) {}

  @Override
  public void checkDelete(String file) {
    note("delete", file);
  }

  @Override
  public void checkExec(String command) {
    note("exec", "!" + command);
  }

  @Override
  public void checkConnect(String host, int port) {
    note("connect", "!" + host + ":" + port);
  }

  @Override
  public void checkConnect(String host, int port, Object context) {
    note("connect", "!" + host + ":" + port);
  }

  @Override
  public void checkListen(int port) {
    note("listen", "!" + port);
  }

  @Override
  public void checkMulticast(InetAddress address) {
    note("multicast", "!" + address);
  }
}
