package org.rtcn.jobs.verify;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.command.RowPrinter;
import org.rtcn.jobs.command.RunOptions;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.Verification;
import org.rtcn.jobs.run.Verification.Finding;
import org.rtcn.jobs.run.Verification.State;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rtcn verify}. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Compares a run with what its manifests say: is anything damaged?",
      "Every table, model and report of the run, and of the folds and arms below "
          + "it: names, sizes, and by reading everything once, on the executors, "
          + "content. Exit status 2 if anything is damaged. What is stale (made from an "
          + "output that has changed since) is reported, but does not count."
    },
    footer = {"", "Example:", "  rtcn verify --run rtcn-run --format json"})
public final class VerifyCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of("run", "stage", "output", "files", "bytes", "rows", "state", "detail");

  @Mixin private RunOptions options;

  @Option(names = "--sizes-only", description = "Names and sizes alone: nothing is read")
  private boolean sizesOnly;

  @Option(
      names = "--format",
      defaultValue = "TABLE",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private RowPrinter.Format format;

  @Override
  public Integer call() {
    return options.look("verify", RunDirectory::requirePresent, this::verify);
  }

  private void verify(StageContext context) {
    List<Finding> findings =
        Verification.of(
            context.session(),
            context.run(),
            sizesOnly ? Verification.Depth.SIZES : Verification.Depth.CONTENT);
    format.print(context.console(), COLUMNS, findings.stream().map(VerifyCommand::row).iterator());
    Optional<Finding> damaged =
        findings.stream().filter(finding -> finding.state() == State.DAMAGED).findFirst();
    if (damaged.isPresent()) {
      throw new UserException(
          String.format(
              "Cannot rely on %s: %s in run %s is damaged: %s",
              context.run().root(),
              damaged.get().output(),
              damaged.get().run(),
              damaged.get().detail()));
    }
  }

  private static Row row(Finding finding) {
    return RowFactory.create(
        finding.run(),
        finding.stage(),
        finding.output(),
        finding.files(),
        finding.bytes(),
        finding.rows(),
        finding.state().name().toLowerCase(Locale.ROOT),
        finding.detail());
  }
}
