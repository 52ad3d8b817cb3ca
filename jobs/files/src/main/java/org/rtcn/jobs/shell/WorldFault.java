package org.rtcn.jobs.shell;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells faults of the world from faults of ours: a full disk, a folder that may not be written, a
 * damaged file, a host that does not answer. These are the user's to mend, and one sentence says
 * what failed, where, and what to do. Everything else is for a stack trace.
 *
 * <p>The exceptions come wrapped several times, and those of executors as text inside Spark's
 * message: each is taken for a pair of class and message, and looked up in one list of rules.
 */
public final class WorldFault {
  /**
   * An exception in text, at the beginning of a line or after Spark's "(TID 1) (host executor 0)".
   */
  private static final Pattern EXCEPTION_IN_TEXT =
      Pattern.compile(
          "(?m)(?:^|: )((?:[a-z][\\w]*\\.)+[A-Z][\\w$]*(?:Exception|Error|Fault)[\\w$]*)"
              + "(?=(?:: ([^\\n]*))?)");

  private static final Pattern PATH =
      Pattern.compile(
          "(?:(?:hdfs|s3a?|s3n|gs|abfss?|viewfs)://[^\\s,;'\"\\])]+|file:/+[^\\s,;'\"\\])]+|(?<![\\w:/])/[^\\s,;:'\"\\])]+)");

  /** Hadoop's and Java's ways to name where they wanted to go. */
  private static final Pattern HOST =
      Pattern.compile(
          "(?:destination host is: \\(?\"?|\\b[Tt]o )\"?([\\w.-]+)\"?(?:/[\\d.]+)?:\"?(\\d+)"
              + "|(?:UnknownHostException|[Uu]nknown host|Invalid host name): \"?([\\w.-]+)");

  private static final int DEEPEST = 40;

  private static volatile Supplier<Set<String>> temporaryFolders =
      () -> Set.of(System.getProperty("java.io.tmpdir"));

  private static final List<Rule> RULES =
      List.of(
          new Rule(
              "OutOfMemoryError",
              "Java heap space|GC overhead|exceeding (?:physical |virtual )?memory limits"
                  + "|[Cc]ontainer killed .* memory|exit(?:ed with)? code 137",
              WorldFault::memory),
          new Rule(
              "",
              "is bigger than (?:local maxResultSize limit|spark\\.driver\\.maxResultSize)",
              fault -> {
                return "Cannot hold the answer in memory: "
                    + fault.said()
                    + ". Ask for fewer rows or columns, or give --conf"
                    + " spark.driver.maxResultSize=SIZE after --";
              }),
          new Rule(
              "DiskFull\\w*|\\w*QuotaExceededException",
              "No space left on device|Disk quota exceeded|not enough space on the disk"
                  + "|could only be (?:written|replicated) to 0 ",
              WorldFault::full),
          new Rule(
              "ReadOnlyFileSystemException",
              "Read-only file system",
              fault -> {
                return "Cannot write "
                    + fault.place()
                    + ": the file system is read-only. Choose another --run, or mount it writable";
              }),
          new Rule(
              "NoAuthWithAWSException|NoAwsCredentialsException|CredentialInitializationException"
                  + "|KerberosAuthException|SaslException",
              "Unable to load (?:AWS )?credentials|No AWS Credentials|InvalidAccessKeyId"
                  + "|SignatureDoesNotMatch|ExpiredToken|The AWS Access Key Id you provided"
                  + "|Can't get Kerberos realm|GSS initiate failed"
                  + "|Client cannot authenticate via|SIMPLE authentication is not enabled",
              fault -> {
                return "Cannot log in to "
                    + fault.place()
                    + ": "
                    + fault.said()
                    + ". Give valid credentials in the environment, the instance's role or Spark's"
                    + " properties (--conf after --)";
              }),
          new Rule(
              "UnknownStoreException|NoSuchBucketException",
              "NoSuchBucket|[Bb]ucket (?:\\S+ )?does not exist|Invalid bucket name|bucket is null",
              fault -> {
                return "Cannot find the bucket of "
                    + fault.place()
                    + ": "
                    + fault.said()
                    + ". Give an existing bucket";
              }),
          new Rule(
              "UnsupportedFileSystemException",
              "No FileSystem for scheme|Class org\\.apache\\.hadoop\\.fs\\.\\S+ not found",
              fault -> {
                return "Cannot open "
                    + fault.place()
                    + ": this Spark has no file system of that kind ("
                    + fault.said()
                    + "). Add its connector with --packages or --jars after --";
              }),
          new Rule(
              "SafeModeException|StandbyException",
              "[Nn]ame ?node is in safe mode|not supported in state standby",
              fault -> {
                return "Cannot use "
                    + fault.place()
                    + ": HDFS does not serve now ("
                    + fault.said()
                    + "). Wait until it does, and run the command again";
              }),
          new Rule(
              "AccessDeniedException|AccessControlException",
              "Permission denied|Operation not permitted|Access [Dd]enied|403 Forbidden",
              fault -> {
                return "Cannot read or write "
                    + fault.place()
                    + ": permission denied to user "
                    + System.getProperty("user.name")
                    + ". Change its permissions, or choose another folder";
              }),
          new Rule(
              "ParentNotDirectoryException|NotDirectoryException",
              "Parent path is not a directory|Not a directory|exists and is not a directory"
                  + "|is not a directory",
              fault -> {
                return "Cannot create "
                    + fault.place()
                    + ": a file stands in the place of a folder. Choose another --run";
              }),
          new Rule(
              "UnknownHostException|UnresolvedAddressException",
              "Invalid host name|Name or service not known|Temporary failure in name resolution",
              fault -> {
                return "Cannot find the host"
                    + fault.host()
                    + ": no such name. Check the address, or the name servers";
              }),
          new Rule(
              "(?:\\w*Connect|NoRouteToHost|SocketTimeout|ConnectTimeout|SSL\\w*)Exception",
              "Connection refused|Connection timed out|No route to host|Network is unreachable"
                  + "|Connection reset by peer|All masters are unresponsive",
              fault -> {
                return "Cannot reach"
                    + fault.host()
                    + ": "
                    + fault.said()
                    + ". Check that the service runs there and that this host may connect to it";
              }),
          new Rule(
              "BindException",
              "Cannot assign requested address|Address already in use",
              fault -> {
                return "Cannot open a port: "
                    + fault.said()
                    + ". Set SPARK_LOCAL_IP to an address of this host, or free the port";
              }),
          new Rule(
              "",
              "Too many open files|Cannot allocate memory|unable to create native thread"
                  + "|Resource temporarily unavailable",
              fault -> {
                return "Cannot go on: the operating system refuses ("
                    + fault.said()
                    + "). Raise its limits (ulimit -n, ulimit -u, memory)";
              }),
          new Rule(
              "",
              "Input/output error|Stale file handle|File name too long|Device or resource busy"
                  + "|failed to map segment from shared object",
              fault -> {
                return "Cannot use "
                    + fault.place()
                    + ": the operating system says \""
                    + fault.said()
                    + "\". Check the disk or its mount";
              }),
          new Rule(
              "",
              "Mkdirs failed to create|Failed to rename|Failed to create (?:a )?(?:temp|local) dir",
              WorldFault::folder),
          new Rule(
              "",
              "^getSubject is not supported",
              fault -> {
                return "Cannot run on Java "
                    + Runtime.version().feature()
                    + ": Spark's Hadoop asks for what Java 24 has taken away. Set JAVA_HOME to a"
                    + " Java 17 or 21";
              }),
          new Rule(
              "",
              "version `GLIBC(?:XX)?_[0-9.]+' not found",
              fault -> {
                return "Cannot load a native library: "
                    + fault.said()
                    + ". This host's C library is too old for this jar: take one that was built"
                    + " without -Ptorch, or start it by a Java that brings its own (docs/gpu.md)";
              }),
          new Rule(
              "UnsatisfiedLinkError",
              "cannot open shared object file",
              fault -> {
                return "Cannot load a native library: "
                    + fault.said()
                    + (fault.said().contains("libgomp")
                        ? ". Install OpenMP's library (libgomp1 of Debian and Ubuntu, libgomp of"
                            + " Fedora and Amazon Linux), and run the command again"
                        : ". Remove JavaCPP's cache (~/.javacpp/cache), and run the command again");
              }),
          new Rule(
              "FileNotFoundException|NoSuchFileException",
              "No such file or directory|underlying files have been updated",
              fault -> {
                return "Cannot find "
                    + fault.place()
                    + ": it is gone, though it was there when it was listed. Run the stage that"
                    + " writes it again";
              }),
          new Rule(
              "ParquetDecodingException|CorruptedFooterException",
              "is not a Parquet file|Could not read footer|CANNOT_READ_FILE_FOOTER"
                  + "|Can ?not read value at|could not read page|FAILED_READ_FILE"
                  + "|Encountered error while reading file|Expected magic number",
              fault -> {
                return "Cannot read "
                    + fault.place()
                    + ": the file is damaged. Run the stage that wrote it again with --overwrite";
              }),
          new Rule(
              "ExecutorLostFailure|SparkExitException",
              "ExecutorLostFailure|SparkContext was shut down|stopped SparkContext"
                  + "|Application .*has been killed",
              fault -> {
                return "Cannot go on: Spark lost its executors or was ended from outside ("
                    + fault.said()
                    + "). See the cluster's logs, and run the command again";
              }));

  private WorldFault() {}

  /** Says where this process puts what it needs for a while, besides Java's own folder. */
  public static void temporaryFolders(Supplier<Set<String>> folders) {
    temporaryFolders = folders;
  }

  /**
   * What a rule looks at.
   *
   * @param type regular expression of simple class names; empty where the message alone tells
   * @param message regular expression found in the message
   * @param sentence says it
   */
  private record Rule(Pattern type, Pattern message, Sentence sentence) {
    Rule(String type, String message, Sentence sentence) {
      this(Pattern.compile(type), Pattern.compile(message), sentence);
    }

    boolean holds(Cause cause) {
      boolean isOfType = !type.pattern().isEmpty() && type.matcher(cause.simpleName()).matches();
      return isOfType || message.matcher(cause.message()).find();
    }
  }

  @FunctionalInterface
  private interface Sentence {
    String of(Fault fault);
  }

  /**
   * One exception, thrown here or told by an executor.
   *
   * @param type class name
   * @param message its first line, empty if it has none
   */
  private record Cause(String type, String message) {
    String simpleName() {
      return type.substring(Math.max(type.lastIndexOf('.'), type.lastIndexOf('$')) + 1);
    }
  }

  /**
   * The exception that a rule knows, among all.
   *
   * @param cause the one
   * @param all outermost first
   * @param run the run directory, if it is known
   */
  private record Fault(Cause cause, List<Cause> all, Optional<String> run) {

    /** What it says, without paths of class names; the class where it says nothing. */
    String said() {
      return cause.message().isBlank()
          ? cause.simpleName()
          : cause.message().strip().replaceAll("[.;:]+$", "");
    }

    /** The file or folder: named by the exception itself, or by the nearest around it. */
    String place() {
      return path().or(() -> run).orElse("a file or folder");
    }

    Optional<String> path() {
      int from = all.indexOf(cause);
      List<Cause> nearest = new ArrayList<>(List.of(cause));
      for (int i = from - 1; i >= 0; i--) {
        nearest.add(all.get(i));
      }
      nearest.addAll(all.subList(from + 1, all.size()));
      for (Cause candidate : nearest) {
        Matcher path = PATH.matcher(candidate.message());
        if (path.find()) {
          return Optional.of(path.group().replaceFirst("^file:/+", "/").replaceFirst("[.:]+$", ""));
        }
      }
      return Optional.empty();
    }

    /** A blank and the host, or nothing. */
    String host() {
      if (cause.simpleName().equals("UnknownHostException")
          && cause.message().matches("[\\w.-]+")) {
        // Its message is the name itself.
        return " " + cause.message();
      }
      List<Cause> nearest = new ArrayList<>(all);
      java.util.Collections.reverse(nearest);
      nearest.add(0, cause);
      for (Cause candidate : nearest) {
        Matcher host = HOST.matcher(candidate.message());
        if (host.find()) {
          return host.group(1) == null
              ? " " + host.group(3)
              : " " + host.group(1) + ":" + host.group(2);
        }
      }
      return "";
    }
  }

  /** As {@link #explain(Throwable, Optional)} where no run directory is known. */
  public static Optional<String> explain(Throwable error) {
    return explain(error, Optional.empty());
  }

  /**
   * The sentence for the user, if the error is a fault of the world.
   *
   * @param error with all its causes
   * @param run the run directory, named where the error names no file
   */
  public static Optional<String> explain(Throwable error, Optional<String> run) {
    List<Cause> causes = new ArrayList<>();
    Throwable cause = error;
    for (int depth = 0; cause != null && depth < DEEPEST; depth++, cause = cause.getCause()) {
      add(causes, cause);
      for (Throwable suppressed : cause.getSuppressed()) {
        add(causes, suppressed);
      }
    }
    return explain(causes, run);
  }

  /** The same for an error that is known by its text alone, as a log has it. */
  public static Optional<String> explainText(String text) {
    List<Cause> causes = new ArrayList<>();
    causes.add(new Cause("", text.strip().split("\n", 2)[0]));
    addText(causes, text);
    return explain(causes, Optional.empty());
  }

  private static Optional<String> explain(List<Cause> causes, Optional<String> run) {
    for (Rule rule : RULES) {
      for (int i = causes.size() - 1; i >= 0; i--) {
        if (rule.holds(causes.get(i))) {
          return Optional.of(rule.sentence().of(new Fault(causes.get(i), causes, run)));
        }
      }
    }
    return Optional.empty();
  }

  private static void add(List<Cause> causes, Throwable error) {
    String message = error.getMessage() == null ? "" : error.getMessage();
    causes.add(new Cause(error.getClass().getName(), message.strip().split("\n", 2)[0]));
    addText(causes, message);
  }

  private static void addText(List<Cause> causes, String text) {
    Matcher told = EXCEPTION_IN_TEXT.matcher(text);
    while (told.find()) {
      causes.add(new Cause(told.group(1), told.group(2) == null ? "" : told.group(2)));
    }
  }

  private static String memory(Fault fault) {
    return "Cannot go on: an executor ran out of memory ("
        + fault.said()
        + "). Give --executor-memory after --";
  }

  private static String full(Fault fault) {
    Set<String> free = new LinkedHashSet<>();
    fault.path().or(fault::run).flatMap(WorldFault::freeSpace).ifPresent(free::add);
    for (String folder : temporaryFolders.get()) {
      freeSpace(folder).ifPresent(free::add);
    }
    return "Cannot write "
        + fault.place()
        + ": no space is left on the device. Free some, or choose another --run or temporary folder"
        + " (TMPDIR, SPARK_LOCAL_DIRS), and run the command again. Free now: "
        + String.join(", ", free);
  }

  private static Optional<String> freeSpace(String path) {
    if (path.contains(":")) {
      return Optional.empty();
    }
    try {
      java.nio.file.Path there = existing(java.nio.file.Path.of(path));
      FileStore store = Files.getFileStore(there);
      return Optional.of(
          String.format(Locale.ROOT, "%,d MB at %s", store.getUsableSpace() >> 20, there));
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  /** Hadoop says only that it could not; the file system tells why. */
  private static String folder(Fault fault) {
    String path = fault.place();
    String why = fault.said();
    if (path.startsWith("/")) {
      java.nio.file.Path there = existing(java.nio.file.Path.of(path));
      if (!Files.isDirectory(there)) {
        why = there + " is a file";
      } else if (!Files.isWritable(there)) {
        why = there + " is read-only or not " + System.getProperty("user.name") + "'s to write";
      } else if (there.toFile().getUsableSpace() < 1 << 20) {
        why = "no space is left at " + there;
      }
    }
    return "Cannot create " + path + ": " + why + ". Mend that, or choose another --run";
  }

  /** The path, or the nearest folder above it that exists. */
  static java.nio.file.Path existing(java.nio.file.Path path) {
    java.nio.file.Path there = path.toAbsolutePath();
    while (there.getParent() != null && !new File(there.toString()).exists()) {
      there = there.getParent();
    }
    return there;
  }
}
