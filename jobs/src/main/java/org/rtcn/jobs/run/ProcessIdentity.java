package org.rtcn.jobs.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * A process as others can tell it from all others.
 *
 * @param host name, for people
 * @param machine what has the same process numbers: this boot of this kernel and this container;
 *     elsewhere than on Linux the host's name
 * @param process its number there
 * @param start what tells it from a later process of the same number
 * @param user who runs it
 */
record ProcessIdentity(
    @JsonProperty("host") String host,
    @JsonProperty("machine") String machine,
    @JsonProperty("process") long process,
    @JsonProperty("process_start") String start,
    @JsonProperty("user") String user) {

  /** Of this JVM. */
  static ProcessIdentity current() {
    String host = hostName();
    long process = ProcessHandle.current().pid();
    return new ProcessIdentity(
        host, machine(host), process, startOf(process), System.getProperty("user.name", "?"));
  }

  /** Whether nothing of it is missing, as it may be in what was read. */
  boolean isWhole() {
    return host != null && machine != null && start != null && user != null;
  }

  /** Whether it can be asked from here. */
  boolean isOnThisMachine() {
    return machine.equals(machine(hostName()));
  }

  /** Whether a process of this machine has not ended. */
  boolean isAlive() {
    return start.equals(startOf(process));
  }

  @Override
  public String toString() {
    return "host " + host + ", process " + process + " of " + user;
  }

  /** Empty if there is no such process, or if it has ended and its parent has not noticed. */
  private static String startOf(long process) {
    Path stat = Path.of("/proc/" + process + "/stat");
    try {
      if (Files.exists(Path.of("/proc/self/stat"))) {
        // Behind the command's name, which may hold anything: state, then 18 fields, then the start
        // in
        // clock ticks since boot, which no change of the clock moves.
        String line = Files.readString(stat, StandardCharsets.ISO_8859_1);
        String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
        boolean ended = fields[0].equals("Z") || fields[0].equals("X");
        return ended ? "" : fields[19];
      }
    } catch (IOException e) {
      return "";
    }
    return ProcessHandle.of(process)
        .flatMap(handle -> handle.info().startInstant())
        .map(Instant::toString)
        .orElse("");
  }

  private static String machine(String host) {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip()
          + " "
          + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
    } catch (IOException | UnsupportedOperationException e) {
      return host;
    }
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
