package org.rtcn.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What a person reads who asks what there is, or has mistyped it. No Spark is started. */
class HelpTest {
  private static final Set<String> READERS =
      Set.of("records", "sql", "plot", "verify", "doctor", "score-rpeaks", "help");

  /**
   * How a command ended.
   *
   * @param said both streams
   */
  private record Answer(int status, String said) {}

  @ParameterizedTest
  @ValueSource(strings = {"", "--help", "help"})
  void theOverviewShowsEachCommandInWholeSentences(String arguments) {
    Answer answer = run(arguments);
    assertThat(answer.status()).isZero();
    for (CommandLine command : Main.commandLine().getSubcommands().values()) {
      String[] description = command.getCommandSpec().usageMessage().description();
      String[] header = command.getCommandSpec().usageMessage().header();
      String sentence = (header.length > 0 ? header : description)[0];
      assertThat(sentence).as(command.getCommandName()).containsPattern("[.?!]$");
      assertThat(answer.said().replaceAll("\\s+", " ")).contains(sentence);
    }
  }

  @Test
  void aCommandThatOnlyReadsReplacesNothing() {
    Main.commandLine()
        .getSubcommands()
        .forEach(
            (name, command) ->
                assertThat(command.getCommandSpec().optionsMap().containsKey("--overwrite"))
                    .as(name)
                    .isEqualTo(!READERS.contains(name)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
ingets                | Invalid command "ingets": rtcn takes none of that name. Did you mean "ingest"?
sql x --formt csv     | Invalid option "--formt": rtcn sql takes none of that name. Did you mean "--format"?
records --runn=x      | Invalid option "--runn=x": rtcn records takes none of that name. Did you mean "--run"?
xyzzy                 | Invalid command "xyzzy": rtcn takes none of that name
sql x --overwrite     | Invalid option "--overwrite": rtcn sql takes none of that name
records extra         | Invalid argument "extra": rtcn records takes none of that name
plot x                | Cannot run "rtcn plot": missing required option: '--out=FILE'
sql x --limit many    | Invalid value for option '--limit'
""")
  void aSuggestionStandsOnlyWhereSomethingIsNear(String arguments, String expected) {
    Answer answer = run(arguments);
    assertThat(answer.status()).isEqualTo(2);
    assertThat(answer.said().lines().findFirst().orElseThrow()).startsWith("rtcn: " + expected);
    assertThat(answer.said().contains("Did you mean")).isEqualTo(expected.contains("Did you mean"));
  }

  private static Answer run(String arguments) {
    StringWriter said = new StringWriter();
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(said));
    commandLine.setErr(new PrintWriter(said));
    int status =
        commandLine.execute(arguments.isEmpty() ? new String[0] : arguments.split(" ", -1));
    return new Answer(status, said.toString());
  }
}
