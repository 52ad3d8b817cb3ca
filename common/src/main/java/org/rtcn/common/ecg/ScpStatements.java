package org.rtcn.common.ecg;

import java.io.IOException;
import java.io.Reader;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;

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
   * Reads the file; its first column, without a name, holds the codes.
   *
   * @throws IllegalArgumentException if it has no column {@code diagnostic_class}
   */
  public static ScpStatements parse(Reader csv) throws IOException {
    Map<String, String> classes = new TreeMap<>();
    CSVFormat format =
        CSVFormat.RFC4180
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .setAllowMissingColumnNames(true)
            .build();
    try (var rows = format.parse(csv)) {
      if (!rows.getHeaderNames().contains("diagnostic_class")) {
        throw new IllegalArgumentException(
            "Invalid " + FILE + ": column diagnostic_class is missing; fetch the file again");
      }
      for (CSVRecord row : rows) {
        classes.put(row.get(0).strip(), row.get("diagnostic_class").strip());
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
