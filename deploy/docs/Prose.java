import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.languagetool.JLanguageTool;
import org.languagetool.Languages;
import org.languagetool.markup.AnnotatedText;
import org.languagetool.markup.AnnotatedTextBuilder;
import org.languagetool.rules.Rule;
import org.languagetool.rules.RuleMatch;
import org.languagetool.rules.spelling.SpellingCheckRule;

/**
 * Spelling and style of Markdown pages and of comments in settings, by LanguageTool: prints what it finds, a line
 * each, and ends with 1 if that is anything.
 *
 * <p>Usage: {@code java -cp JARS Prose.java WORDS FILE...}; WORDS holds a word a line that the spelling check
 * takes for right.
 */
final class Prose {
  /** Rules that pages of tables, code and figures break by their nature. */
  private static final Set<String> OFF =
      Set.of(
          "UPPERCASE_SENTENCE_START", "EN_QUOTES", "DASH_RULE", "WHITESPACE_RULE", "COMMA_PARENTHESIS_WHITESPACE",
          "UNIT_SPACE", "EN_UNPAIRED_BRACKETS", "EN_UNPAIRED_QUOTES", "SENTENCE_WHITESPACE", "CONSECUTIVE_SPACES",
          "MULTIPLICATION_SIGN", "ENGLISH_WORD_REPEAT_BEGINNING_RULE", "PUNCTUATION_PARAGRAPH_END", "UNLIKELY_OPENING_PUNCTUATION",
          "DOUBLE_PUNCTUATION", "ARROWS", "LC_AFTER_PERIOD", "PLUS_MINUS", "COPYRIGHT", "EN_A_VS_AN", "PHRASE_REPETITION",
          "ENGLISH_WORD_REPEAT_RULE", "TOO_LONG_SENTENCE", "OXFORD_SPELLING_Z_NOT_S", "NUMBERS_IN_WORDS",
          "COMMA_PERIOD_CONFUSION", "VERB_APOSTROPHE_S", "MISSING_COMMA_AFTER_INTRODUCTORY_PHRASE",
          "COMMA_COMPOUND_SENTENCE", "COMMA_COMPOUND_SENTENCE_2", "SENT_START_CONJUNCTIVE_LINKING_ADVERB_COMMA",
          "PRP_COMMA", "NOUN_AROUND_IT", "A_BIT", "CONFUSION_OF_FOND_FUND", "LICENCE_LICENSE_NOUN_SINGULAR",
          "EN_COMPOUNDS_BIRTH_DATE", "EN_COMPOUNDS_BIRTH_DATES", "OK", "MI", "ID_CASING", "HAVE_PART_AGREEMENT", "BUNCH_OF",
          "THE_SUPERLATIVE", "ARTICLE_ADJECTIVE_OF");

  /** What is markup in a line of Markdown, and the word that stands in its place, if any. */
  private static final Pattern MARKUP =
      Pattern.compile("`[^`]*`|!?\\[(?=[^\\]]*\\]\\()|\\]\\([^)]*\\)|\\*+|<[^>]*>|\\|");

  private Prose() {}

  public static void main(String[] args) throws IOException {
    JLanguageTool tool = new JLanguageTool(Languages.getLanguageForShortCode("en-GB"));
    List<String> words =
        Files.readAllLines(Path.of(args[0])).stream().filter(word -> !word.isBlank() && !word.startsWith("#")).toList();
    for (Rule rule : tool.getAllRules()) {
      if (rule instanceof SpellingCheckRule spelling) {
        spelling.addIgnoreTokens(words);
        spelling.acceptPhrases(words.stream().filter(word -> word.contains(" ")).toList());
      }
    }
    int found = 0;
    for (String name : List.of(args).subList(1, args.length)) {
      String text = Files.readString(Path.of(name));
      for (RuleMatch match : tool.check(name.endsWith(".md") ? markdown(text) : comments(text))) {
        if (OFF.contains(match.getRule().getId())) {
          continue;
        }
        found++;
        int line = (int) text.substring(0, match.getFromPos()).lines().count();
        System.out.printf(
            "%s:%d: \"%s\" %s: %s%s%n",
            name, Math.max(1, line), text.substring(match.getFromPos(), match.getToPos()).replace("\n", " "),
            match.getRule().getId(), match.getMessage().replaceAll("</?suggestion>", "'"),
            match.getSuggestedReplacements().isEmpty() ? "" : " " + match.getSuggestedReplacements().stream().limit(3).toList());
      }
    }
    System.out.println(found + " findings in " + (args.length - 1) + " files");
    System.exit(found == 0 ? 0 : 1);
  }

  /** A page: fenced code and tables' rules are markup, inline code a word. */
  private static AnnotatedText markdown(String text) {
    AnnotatedTextBuilder builder = new AnnotatedTextBuilder();
    boolean code = false;
    for (String line : lines(text)) {
      boolean fence = line.startsWith("```");
      if (code || fence || line.matches("\\|?[-|: ]+\\|?\\s*")) {
        builder.addMarkup(line, "\n");
      } else {
        prose(line, builder);
      }
      code ^= fence;
    }
    return builder.build();
  }

  private static void prose(String line, AnnotatedTextBuilder builder) {
    Matcher head = Pattern.compile("^(\\s*([-*>]|\\d+\\.|#+)\\s+)").matcher(line);
    int from = 0;
    if (head.find()) {
      builder.addMarkup(head.group(), "\n\n");
      from = head.end();
    }
    Matcher markup = MARKUP.matcher(line);
    while (markup.find(from)) {
      builder.addText(line.substring(from, markup.start()));
      String what = markup.group();
      builder.addMarkup(what, what.startsWith("`") ? "Code" : what.equals("|") ? "\n\n" : "");
      from = markup.end();
    }
    builder.addText(line.substring(from));
    if (line.startsWith("#")) {
      builder.addMarkup("", "\n");
    }
  }

  /** Comments of a file of settings; a blank comment or a line of settings ends a paragraph. */
  private static AnnotatedText comments(String text) {
    AnnotatedTextBuilder builder = new AnnotatedTextBuilder();
    for (String line : lines(text)) {
      Matcher comment = Pattern.compile("^(\\s*# (?!----))(.*)$", Pattern.DOTALL).matcher(line);
      if (comment.matches()) {
        builder.addMarkup(comment.group(1), "");
        builder.addText(comment.group(2));
      } else {
        builder.addMarkup(line, "\n\n");
      }
    }
    return builder.build();
  }

  /** Lines with their ends. */
  private static List<String> lines(String text) {
    List<String> lines = new ArrayList<>();
    int from = 0;
    while (from < text.length()) {
      int end = text.indexOf('\n', from);
      end = end < 0 ? text.length() : end + 1;
      lines.add(text.substring(from, end));
      from = end;
    }
    return lines;
  }
}
