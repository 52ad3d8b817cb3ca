package org.rtcn.common.ecg;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.rtcn.common.labels.LabelFile;
import org.rtcn.common.labels.LabelRow;

/**
 * What PTB-XL's statement codes mean: {@code scp_statements.csv}, whose {@code diagnostic_class} MI
 * makes a code an infarct.
 *
 * @param classByCode every code that is defined, with its diagnostic class, empty for none
 */
public record ScpStatements(Map<String, String> classByCode) {
  /** The file's name in the archive. */
  public static final String FILE = "scp_statements.csv";

  private static final String INFARCT = "MI";
  private static final String CLASS = "diagnostic_class";

  /** The infarct codes of PTB-XL 1.0.3, where the archive has no such file. */
  public static final ScpStatements INFARCTS = infarcts();

  public ScpStatements {
    classByCode = Map.copyOf(classByCode);
  }

  private static ScpStatements infarcts() {
    Map<String, String> codes = new TreeMap<>();
    Arrays.stream(InfarctSite.values()).forEach(site -> codes.put(site.name(), INFARCT));
    Set.of("INJAS", "INJAL", "INJIN", "INJLA", "INJIL").forEach(code -> codes.put(code, INFARCT));
    return new ScpStatements(codes);
  }

  /**
   * Reads the file; its first column, which PTB-XL leaves without a name, holds the codes.
   *
   * @param faults takes each row that cannot be used, and why
   * @throws org.rtcn.common.error.UserException if it has no column {@code diagnostic_class}
   */
  public static ScpStatements read(InputStream in, BiConsumer<LabelRow, String> faults)
      throws IOException {
    Map<String, String> classes = new TreeMap<>();
    try (LabelFile file = LabelFile.open(FILE, in, Set.of(CLASS), Set.of())) {
      for (LabelRow row = file.next(); row != null; row = file.next()) {
        String code = row.text(0);
        if (row.fault().isPresent()) {
          faults.accept(row, row.fault().get());
        } else if (code.isEmpty()) {
          faults.accept(
              row,
              "Invalid line %d of %s: it names no code in its first column; name it"
                  .formatted(row.line(), FILE));
        } else if (classes.putIfAbsent(code, row.text(CLASS)) != null) {
          faults.accept(
              row,
              "Invalid line %d of %s: code %s stands on an earlier line; remove one"
                  .formatted(row.line(), FILE, code));
        }
      }
    }
    return new ScpStatements(classes);
  }

  /** Whether a code is one of the class MI, with or without a site. */
  public boolean isInfarct(String code) {
    return INFARCT.equals(classByCode.get(code));
  }

  /** The codes of a row's {@code scp_codes} that are not defined. */
  public Set<String> unknown(String scpCodes) {
    Set<String> codes = new TreeSet<>(PtbXlLabels.statements(scpCodes).keySet());
    codes.removeAll(classByCode.keySet());
    return codes;
  }

  /** The site that a code names. */
  static Optional<InfarctSite> site(String code) {
    return Arrays.stream(InfarctSite.values()).filter(site -> site.name().equals(code)).findFirst();
  }
}
