package org.rtcn.common.formats.xml;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** An element; names are without namespace. */
public final class XmlNode {
  private final String name;
  private final Map<String, String> attributes = new LinkedHashMap<>();
  private final List<XmlNode> children = new ArrayList<>(2);
  private final StringBuilder text = new StringBuilder(0);

  XmlNode(String name) {
    this.name = name;
  }

  void attribute(String key, String value) {
    attributes.put(key, value);
  }

  void child(XmlNode child) {
    children.add(child);
  }

  StringBuilder content() {
    return text;
  }

  /** The name without namespace. */
  public String name() {
    return name;
  }

  /** An attribute's value, null if it is not there. */
  public String attribute(String key) {
    return attributes.get(key);
  }

  /** The element's own text. */
  public String text() {
    return text.toString();
  }

  /** The elements right below, in order. */
  public List<XmlNode> children() {
    return children;
  }

  /** The elements of a name right below. */
  public List<XmlNode> children(String child) {
    return children.stream().filter(node -> node.name.equals(child)).toList();
  }

  /** The first element at a path of names below this one. */
  public Optional<XmlNode> at(String... path) {
    XmlNode node = this;
    for (String step : path) {
      XmlNode found = null;
      for (XmlNode child : node.children) {
        if (child.name.equals(step)) {
          found = child;
          break;
        }
      }
      if (found == null) {
        return Optional.empty();
      }
      node = found;
    }
    return Optional.of(node);
  }

  /** The text at a path of names, null if it is not there. */
  public String textAt(String... path) {
    return at(path).map(node -> node.text().strip()).orElse(null);
  }

  /** Visits this element and all below it, in the file's order. */
  public void walk(Consumer<XmlNode> visitor) {
    visitor.accept(this);
    for (XmlNode child : children) {
      child.walk(visitor);
    }
  }

  /** All elements of a name at or below this one, in the file's order. */
  public List<XmlNode> all(String wanted) {
    List<XmlNode> found = new ArrayList<>();
    walk(
        node -> {
          if (node.name.equals(wanted)) {
            found.add(node);
          }
        });
    return found;
  }
}
