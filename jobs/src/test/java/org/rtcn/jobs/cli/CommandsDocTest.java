package org.rtcn.jobs.cli;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rtcn.jobs.GeneratedDocs;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** docs/commands.md is what {@code rtcn COMMAND --help} prints. */
class CommandsDocTest {
  @Test
  void listsEveryCommandWithItsOptions() throws IOException {
    CommandLine all = Main.commandLine();
    StringBuilder text = new StringBuilder("\n```\n").append(usage(all)).append("```\n");
    for (Map.Entry<String, CommandLine> command : all.getSubcommands().entrySet()) {
      text.append("\n## ").append(command.getKey()).append("\n\n```\n");
      text.append(usage(command.getValue())).append("```\n");
    }
    GeneratedDocs.holds("commands.md", "commands", text.append('\n').toString());
  }

  private static String usage(CommandLine command) {
    return command.getUsageMessage(Ansi.OFF).replaceAll(" +\n", "\n");
  }
}
