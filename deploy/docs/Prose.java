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
 * Spelling and style of Markdown pages, of comments in settings, of messages and Javadoc in Java and of a report's templates, by
 * LanguageTool: prints what it finds, a line each, and ends with 1 if that is anything.
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
          "EN_COMPOUNDS_ROOT_MEAN_SQUARE", "I_LOWERCASE", "I_A", "QUESTION_MARK", "NOW", "ANALYSIS_IF", "UNNECESSARY_COMMA", "CD_NN",
          "APOSTROPHE_PLURAL_", "THEYRE_THEIR", "TO_NON_BASE", "A_NUMBER_NNS", "THE_JJR_THE_MORE_COMMA", "IT_IS", "FILL_OF_WITH",
          "AGREEMENT_SENT_START", "MUCH_COUNTABLE", "UP_TO_DATE_HYPHEN", "NN_NOT_JJ", "OTHER_OTHERS", "TR", "IT_VBZ",
          "NON_STANDARD_WORD", "MANY_NN", "A_INFINITIVE", "ADVERB_VERB_ADVERB_REPETITION", "DOUBLE_NEGATIVE",
          "THE_SUPERLATIVE", "ARTICLE_ADJECTIVE_OF", "ON_COMPOUNDS", "ALL_MOST_SOME_OF_NOUN", "SPACE_BEFORE_PARENTHESIS");

  /** What is markup in a line of Markdown, and the word that stands in its place, if any. */
  private static final Pattern MARKUP =
      Pattern.compile("`[^`]*`|!?\\[(?=[^\\]]*\\]\\()|\\]\\([^)]*\\)|\\*+|<[^>]*>|\\|");

  private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\\n]|\\\\.)*)\"|'(?:[^'\\\\]|\\\\.)'|//.*|/\\*(?s:.*?)\\*/");

  /** What joins two literals to one message. */
  private static final Pattern JOINT = Pattern.compile("\\s*\\+\\s*(?:[^;{}\"]*\\+\\s*)?");

  /** In a literal: escapes, what a format puts in, names of programs' things. */
  private static final Pattern PLACE =
      Pattern.compile("\\\\[nt]|\\\\.|%[-,0-9.]*[a-z]|%%|\\b\\w*[a-z][A-Z]\\w*|\\b[A-Z]+_\\w+|(?<!\\w)[.-][a-z]{2,}\\b|\\b\\w+\\.(?:json|csv)\\b");

  /** Four words in a row are for people. */
  private static final Pattern SENTENCE = Pattern.compile("[A-Za-z]{2,} [a-z]+ [a-z]+ [a-z]+");

  private static final Pattern REGULAR_EXPRESSION = Pattern.compile("\\(\\?|\\[[A-Z][a-z]\\]|\\w\\|[A-Za-z]");

  /** In a template: directives, values, tags, entities. */
  private static final Pattern TEMPLATE =
      Pattern.compile("<#--(?s:.*?)-->|<style>(?s:.*?)</style>|</?[#@](?:[^>\"]|\"[^\"]*\")*>|\\$\\{[^}]*\\}|</?[a-zA-Z!][^>]*>|&[a-z]+;");

  private static final Pattern DOCUMENTATION = Pattern.compile("/\\*\\*((?s:.*?))\\*/");

  /** In a documentation comment: block tags with what they name, inline tags, HTML, the margin. */
  private static final Pattern JAVADOC =
      Pattern.compile(
          "\\n\\s*\\* @(?:param|throws) \\S+\\s|\\n\\s*\\* @\\w+|<(pre|code)>(?s:.*?)</\\1>|\\{@\\w+\\s(?:[^{}]|\\{[^{}]*\\})*\\}(?:-?th\\b)?"
              + "|\\b\\w*[a-z][A-Z]\\w*|\\b[A-Z][A-Z_]+\\b|</?[a-zA-Z][^>]*>|&#?\\w+;|\\n\\s*\\* ?");

  private Prose() {}

  /** Builds a text; a value is a word of its own where none ends before it. */
  private static final class Annotator {
    private final AnnotatedTextBuilder builder = new AnnotatedTextBuilder();
    private char last = ' ';

    void text(String text) {
      builder.addText(text);
      remember(text);
    }

    void markup(String markup, String reads) {
      builder.addMarkup(markup, reads);
      remember(reads);
    }

    void value(String markup) {
      markup(markup, Character.isLetterOrDigit(last) || last == '&' ? "" : "Code");
    }

    private void remember(String text) {
      last = text.isEmpty() ? last : text.charAt(text.length() - 1);
    }

    AnnotatedText build() {
      return builder.build();
    }
  }

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
      for (AnnotatedText annotated : annotated(name, text)) {
        for (RuleMatch match : tool.check(annotated)) {
          if (!OFF.contains(match.getRule().getId())) {
            found++;
            print(name, text, match);
          }
        }
      }
    }
    System.out.println(found + " findings in " + (args.length - 1) + " files");
    System.exit(found == 0 ? 0 : 1);
  }

  private static void print(String name, String text, RuleMatch match) {
    int line = (int) text.substring(0, match.getFromPos()).lines().count();
    System.out.printf(
        "%s:%d: \"%s\" %s: %s%s%n",
        name, Math.max(1, line), text.substring(match.getFromPos(), match.getToPos()).replace("\n", " "),
        match.getRule().getId(), match.getMessage().replaceAll("</?suggestion>", "'"),
        match.getSuggestedReplacements().isEmpty() ? "" : " " + match.getSuggestedReplacements().stream().limit(3).toList());
  }

  private static List<AnnotatedText> annotated(String name, String text) {
    if (name.endsWith(".java")) {
      return List.of(messages(text), javadoc(text));
    }
    return List.of(name.endsWith(".ftlh") ? template(text) : name.endsWith(".md") ? markdown(text) : comments(text));
  }

  /** Documentation comments: a block tag begins a paragraph, inline tags and names of code are words. */
  private static AnnotatedText javadoc(String text) {
    Annotator annotator = new Annotator();
    Matcher comment = DOCUMENTATION.matcher(text);
    int at = 0;
    while (comment.find()) {
      annotator.markup(text.substring(at, comment.start(1)), "\n\n");
      Matcher markup = JAVADOC.matcher(text).region(comment.start(1), comment.end(1));
      int from = comment.start(1);
      while (markup.find()) {
        annotator.text(text.substring(from, markup.start()));
        String what = markup.group();
        if (what.startsWith("{@") || what.startsWith("<code") || what.startsWith("<pre") || Character.isLetter(what.charAt(0))) {
          annotator.value(what);
        } else if (what.startsWith("&")) {
          annotator.markup(what, what.equals("&times;") ? "×" : "");
        } else {
          annotator.markup(what, what.matches("(?s)\\n\\s*\\* ?") ? " " : what.matches("</?(?:i|b|em|a|sub|sup)\\b.*") ? "" : "\n\n");
        }
        from = markup.end();
      }
      annotator.text(text.substring(from, comment.end(1)));
      at = comment.end(1);
    }
    annotator.markup(text.substring(at), "\n\n");
    return annotator.build();
  }

  /** Literals that are sentences, joined as the program joins them; what comes between is a word. */
  private static AnnotatedText messages(String text) {
    List<int[]> places = new ArrayList<>();
    Matcher literal = LITERAL.matcher(text);
    while (literal.find()) {
      if (literal.group(1) != null) {
        places.add(new int[] {literal.start(1), literal.end(1)});
      }
    }
    Annotator annotator = new Annotator();
    int at = 0;
    int next;
    for (int first = 0; first < places.size(); first = next) {
      StringBuilder whole = new StringBuilder(text.substring(places.get(first)[0], places.get(first)[1]));
      next = first + 1;
      while (next < places.size() && JOINT.matcher(between(text, places, next)).matches()) {
        whole.append(text, places.get(next)[0], places.get(next)[1]);
        next++;
      }
      boolean isProse = SENTENCE.matcher(whole).find() && !REGULAR_EXPRESSION.matcher(whole).find();
      for (int k = first; k < next && isProse; k++) {
        String before = text.substring(at, places.get(k)[0]);
        if (k > first && between(text, places, k).replaceAll("[\\s+]", "").length() > 0) {
          annotator.value(before);
        } else {
          annotator.markup(before, k == first ? "\n\n" : "");
        }
        literal(text.substring(places.get(k)[0], places.get(k)[1]), annotator);
        at = places.get(k)[1];
      }
    }
    annotator.markup(text.substring(at), "\n\n");
    return annotator.build();
  }

  private static String between(String text, List<int[]> places, int next) {
    return text.substring(places.get(next - 1)[1] + 1, places.get(next)[0] - 1);
  }

  private static void literal(String text, Annotator annotator) {
    Matcher place = PLACE.matcher(text);
    int from = 0;
    while (place.find()) {
      annotator.text(text.substring(from, place.start()));
      String what = place.group();
      if (what.equals("%%")) {
        annotator.markup(what, "%");
      } else if (what.matches("%n|\\\\[nt]")) {
        annotator.markup(what, "\n\n");
      } else if (what.startsWith("\\")) {
        annotator.markup(what, what.substring(1));
      } else if (place.end() == text.length() || Character.isLetter(text.charAt(place.end()))) {
        // A word may follow without a blank.
        annotator.markup(what, "");
      } else {
        annotator.value(what);
      }
      from = place.end();
    }
    annotator.text(text.substring(from));
  }

  private static AnnotatedText template(String text) {
    Annotator annotator = new Annotator();
    Matcher markup = TEMPLATE.matcher(text);
    int from = 0;
    while (markup.find()) {
      annotator.text(text.substring(from, markup.start()));
      String what = markup.group();
      if (what.startsWith("$")) {
        annotator.value(what);
      } else if (what.startsWith("&")) {
        annotator.markup(what, what.equals("&nbsp;") ? " " : "");
      } else {
        annotator.markup(what, what.startsWith("<#else") ? " " : what.matches("(?s)</?#.*|</?(?:b|code|a|i)\\b.*") ? "" : "\n\n");
      }
      from = markup.end();
    }
    annotator.text(text.substring(from));
    return annotator.build();
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
