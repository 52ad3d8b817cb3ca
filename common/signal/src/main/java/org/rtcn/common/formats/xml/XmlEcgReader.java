package org.rtcn.common.formats.xml;

import java.io.IOException;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgReader;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.Head;
import org.rtcn.common.formats.ReadLimits;

/** Reads an XML format, told by the name of its root element. */
public abstract class XmlEcgReader implements EcgReader {
  private final String format;
  private final String root;

  /**
   * @param format its name
   * @param root name of the root element without namespace
   */
  protected XmlEcgReader(String format, String root) {
    this.format = format;
    this.root = root;
  }

  @Override
  public final String format() {
    return format;
  }

  @Override
  public final boolean recognises(Head head) {
    return Xml.root(head).filter(root::equals).isPresent();
  }

  @Override
  public final EcgRecords read(EcgFile file, ReadLimits limits) throws IOException {
    return records(file.name(), Xml.parse(file, limits), limits);
  }

  /**
   * Reads the recordings.
   *
   * @param file its name, for messages
   * @throws FormatException if it cannot be read as it stands
   */
  protected abstract EcgRecords records(String file, XmlNode document, ReadLimits limits)
      throws FormatException;
}
