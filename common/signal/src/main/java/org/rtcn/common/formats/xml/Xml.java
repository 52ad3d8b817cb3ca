package org.rtcn.common.formats.xml;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.Charset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.Head;
import org.rtcn.common.formats.ReadLimits;

/**
 * Parses a file to a tree. Document types are skipped, so that there is no entity beyond the five
 * of XML itself, and no file or address that a document names is opened.
 */
public final class Xml {
  private static final int USUAL_PROLOGUE = 2048;
  private static final int MAX_DEPTH = 200;
  private static final int MAX_NODES = 2_000_000;

  /** What may stand before the root: declarations, comments, a document type. */
  private static final Pattern ROOT = Pattern.compile("<([A-Za-z_][\\w.:-]*)");

  private Xml() {}

  /** The root's name without namespace, from a file's first bytes; empty if it is no XML. */
  public static Optional<String> root(Head head) {
    byte[] bytes = head.bytes();
    Charset charset = XmlText.charset(bytes);
    int usual = Math.min(USUAL_PROLOGUE, bytes.length);
    Optional<String> found = root(new String(bytes, 0, usual, charset));
    return found.isPresent() || bytes.length == usual ? found : root(new String(bytes, charset));
  }

  private static Optional<String> root(String text) {
    int at = 0;
    while (at < text.length()
        && (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == '\ufeff')) {
      at++;
    }
    while (at < text.length() && text.charAt(at) == '<') {
      int end;
      if (text.startsWith("<?", at)) {
        end = after(text, "?>", at);
      } else if (text.startsWith("<!--", at)) {
        end = after(text, "-->", at);
      } else if (text.startsWith("<!", at)) {
        end = afterDocumentType(text, at);
      } else {
        Matcher root = ROOT.matcher(text).region(at, text.length());
        // A name that the text ends in may go on.
        if (!root.lookingAt() || root.end() == text.length()) {
          return Optional.empty();
        }
        String name = root.group(1);
        return Optional.of(name.substring(name.indexOf(':') + 1));
      }
      if (end < 0) {
        return Optional.empty();
      }
      at = end;
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }
    return Optional.empty();
  }

  private static int after(String text, String mark, int from) {
    int found = text.indexOf(mark, from);
    return found < 0 ? -1 : found + mark.length();
  }

  private static int afterDocumentType(String text, int from) {
    int open = text.indexOf('[', from);
    int close = text.indexOf('>', from);
    if (open < 0 || close < open) {
      return close < 0 ? -1 : close + 1;
    }
    int end = text.indexOf(']', open);
    return end < 0 ? -1 : after(text, ">", end);
  }

  /**
   * The root of a file.
   *
   * @throws FormatException if it is no well-formed XML, or is larger than the limits
   */
  public static XmlNode parse(EcgFile file, ReadLimits limits) throws IOException {
    try (Reader in = XmlText.reader(file.bytes(limits))) {
      XMLStreamReader reader = factory().createXMLStreamReader(in);
      try {
        return tree(file.name(), reader);
      } finally {
        reader.close();
      }
    } catch (XMLStreamException e) {
      throw FormatException.malformed(
          file.name(), "it is no well-formed XML: " + oneLine(e.getMessage()));
    } catch (RuntimeException e) {
      // The JDK's parser lets some through.
      throw FormatException.malformed(file.name(), "it is no XML: " + oneLine(e.toString()));
    }
  }

  /** The JDK's own parser, whatever stands on the class path of a cluster. */
  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, false);
    // What the parser reports it also throws; its own reporter prints to standard error.
    factory.setXMLReporter((message, type, information, location) -> {});
    factory.setXMLResolver(
        (publicId, systemId, baseUri, namespace) -> new ByteArrayInputStream(new byte[0]));
    return factory;
  }

  private static XmlNode tree(String name, XMLStreamReader reader)
      throws XMLStreamException, FormatException {
    Deque<XmlNode> open = new ArrayDeque<>();
    XmlNode root = null;
    int nodes = 0;
    while (reader.hasNext()) {
      switch (reader.next()) {
        case XMLStreamConstants.START_ELEMENT -> {
          XmlNode node = new XmlNode(reader.getLocalName());
          for (int i = 0; i < reader.getAttributeCount(); i++) {
            node.attribute(reader.getAttributeLocalName(i), reader.getAttributeValue(i));
          }
          if (open.isEmpty()) {
            root = node;
          } else {
            open.peek().child(node);
          }
          open.push(node);
          if (open.size() > MAX_DEPTH || ++nodes > MAX_NODES) {
            throw FormatException.malformed(
                name, "it has more than %d levels or %d elements".formatted(MAX_DEPTH, MAX_NODES));
          }
        }
        case XMLStreamConstants.END_ELEMENT -> open.pop();
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
          if (!open.isEmpty()) {
            open.peek()
                .content()
                .append(reader.getTextCharacters(), reader.getTextStart(), reader.getTextLength());
          }
        }
        case XMLStreamConstants.ENTITY_REFERENCE ->
            throw FormatException.malformed(
                name, "it uses the entity &" + reader.getLocalName() + ";, which is not resolved");
        default -> {}
      }
    }
    if (root == null) {
      throw FormatException.malformed(name, "it has no root element");
    }
    return root;
  }

  private static String oneLine(String message) {
    return message == null ? "" : message.replaceAll("\\s+", " ");
  }
}
