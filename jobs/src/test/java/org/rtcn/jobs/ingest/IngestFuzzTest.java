package org.rtcn.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.error.UserException;
import org.rtcn.common.labels.LabelFile;
import org.rtcn.jobs.TwelveLeadFiles;
import org.rtcn.jobs.ingest.EcgSource.Listing;
import org.rtcn.jobs.ingest.RecordReader.Outcome;
import org.rtcn.jobs.inputs.HeaderFiles;
import org.rtcn.jobs.inputs.ListedRecord;
import org.rtcn.jobs.inputs.Refusal;

/**
 * Mutated label files and headers through a source and the reader, as tasks use them: no crash, no
 * hang, and every recording and every row ends in one place. {@code -Drtcn.fuzz.cases=100000} for
 * the long run, {@code -Drtcn.fuzz.seed=…} to repeat one.
 */
class IngestFuzzTest {
  private static final int CASES = Integer.getInteger("rtcn.fuzz.cases", 300);
  private static final long SEED = Long.getLong("rtcn.fuzz.seed", 20261127L);
  private static final List<String> RECORDS = List.of("x/a", "x/b", "y/c", "y/d");

  private static final List<String> PIECES =
      List.of(
          "\"",
          "\"\"",
          ",",
          ";",
          "\t",
          "\n",
          "\r",
          "\ufeff",
          "\u0000",
          "\u00e4",
          "NaN",
          "-1",
          "1e999",
          "../",
          "/",
          ":",
          "C:\\",
          "_",
          "x/a",
          "y/d",
          "300",
          "89+",
          "\ud83d\ude00",
          "2147483648",
          "{",
          "}",
          "'",
          "~",
          "100/3",
          "16x9",
          "0",
          "1e-300(0)/mV",
          "1e9",
          "#");

  @TempDir Path folder;
  private FileSystem fileSystem;
  private Path input;

  @Test
  void mutatedLabelFilesLoseNothing() throws IOException {
    byte[] csv =
        ("record,patient,label,age,sex,diagnosis,fold\n"
                + "x/a,1,HC,63,m,\"said \"\"no\"\"\",1\nx/b,1,IMI,,f,,1\n"
                + "y/c,2,ASMI,89,1,\"two\nlines\",2\ny/d,3,OTHER,,,,\n")
            .getBytes(StandardCharsets.UTF_8);
    write(RECORDS);
    assertTimeoutPreemptively(
        Duration.ofSeconds(60 + CASES / 50),
        () -> {
          SplittableRandom random = new SplittableRandom(SEED);
          for (int i = 0; i < CASES; i++) {
            byte[] mutated = mutated(csv, random);
            Files.write(input.resolve(CsvSource.LABELS), mutated);
            check(new CsvSource(), CsvSource.LABELS, Set.of("record", "patient", "label"));
          }
        });
  }

  @Test
  void mutatedDatabasesLoseNothing() throws IOException {
    byte[] csv =
        ("ecg_id,patient_id,age,sex,report,scp_codes,strat_fold,filename_lr,filename_hr\n"
                + "1,11.0,50,0,\"r, s\",\"{'NORM': 100.0, 'SR': 0.0}\",1,,records500/00000/00001_hr\n"
                + "2,12,300,1,r,\"{'IMI': 80.0}\",2,,records500/00000/00002_hr\n"
                + "3,13,,1,r,\"{'ASMI': 15}\",10,,records500/00000/00003_hr\n")
            .getBytes(StandardCharsets.UTF_8);
    byte[] codes =
        ",description,diagnostic_class\nNORM,\"n, m\",NORM\nIMI,i,MI\nSR,s,\n"
            .getBytes(StandardCharsets.UTF_8);
    write(
        List.of(
            "records500/00000/00001_hr", "records500/00000/00002_hr", "records500/00000/00003_hr"));
    assertTimeoutPreemptively(
        Duration.ofSeconds(60 + CASES / 50),
        () -> {
          SplittableRandom random = new SplittableRandom(SEED + 1);
          for (int i = 0; i < CASES; i++) {
            Files.write(input.resolve("scp_statements.csv"), mutated(codes, random));
            Files.write(input.resolve(PtbXlSource.DATABASE), mutated(csv, random));
            check(new PtbXlSource(500), PtbXlSource.DATABASE, Set.of("ecg_id", "filename_hr"));
          }
        });
  }

  @Test
  void mutatedHeadersLoseNothing() throws IOException {
    write(RECORDS);
    Path header = input.resolve("x/a.hea");
    byte[] sound = Files.readAllBytes(header);
    assertTimeoutPreemptively(
        Duration.ofSeconds(60 + CASES / 50),
        () -> {
          SplittableRandom random = new SplittableRandom(SEED + 2);
          for (int i = 0; i < CASES; i++) {
            Files.write(header, mutated(sound, random));
            EcgSource source = new UnlabelledSource(500);
            Listing listing = source.list(fileSystem, hadoop(input));
            assertThat(headers(listing)).hasSize(RECORDS.size());
            ListedRecord mutated =
                listing.records().stream().filter(r -> r.name().equals("x/a")).findFirst().get();
            WfdbRecordReader reader =
                new WfdbRecordReader(source, "", 600, fileSystem, hadoop(input));
            Iterator<Outcome> outcomes = reader.read(mutated);
            int kept = 0;
            int refused = 0;
            while (outcomes.hasNext()) {
              Outcome outcome = outcomes.next();
              kept += outcome.record() == null ? 0 : 1;
              refused += outcome.refusal() == null ? 0 : 1;
              check(outcome);
            }
            assertThat(kept > 0).isNotEqualTo(refused > 0);
          }
        });
  }

  private static void check(Outcome outcome) {
    if (outcome.refusal() != null) {
      assertThat(outcome.refusal().detail()).startsWith("Cannot ");
      return;
    }
    Row signals = outcome.signals();
    for (int i = 9; i < signals.length(); i++) {
      if (signals.get(i) instanceof float[] lead) {
        for (float sample : lead) {
          assertThat(Float.isInfinite(sample)).isFalse();
        }
      }
    }
  }

  /** Each header and each row is in one place, or the file as a whole is the user's to mend. */
  private void check(EcgSource source, String file, Set<String> required) throws IOException {
    Listing listing;
    try {
      listing = source.list(fileSystem, hadoop(input));
    } catch (UserException e) {
      assertThat(e.getMessage()).startsWith("Cannot read ");
      return;
    }
    int found = HeaderFiles.below(fileSystem, hadoop(input)).records().size();
    assertThat(headers(listing)).hasSize(found);
    long rows = 0;
    try (LabelFile labels =
        LabelFile.open(file, Files.newInputStream(input.resolve(file)), required, Set.of())) {
      while (labels.next() != null) {
        rows++;
      }
    }
    long told =
        listing.refused().stream()
            .filter(refusal -> !refusal.path().contains("scp_statements.csv"))
            .filter(refusal -> !refusal.reason().equals("LABELS_MISSING"))
            .peek(refusal -> assertThat(refusal.detail()).contains("line "))
            .count();
    assertThat(listing.records().size() + told).isEqualTo(rows);
  }

  /** Every header, as a record or refused; fails if one is both, or appears twice. */
  private static Set<String> headers(Listing listing) {
    Set<String> headers = new TreeSet<>();
    listing.records().forEach(record -> assertThat(headers.add(record.header())).isTrue());
    for (Refusal refusal : listing.refused()) {
      assertThat(refusal.detail()).isNotBlank();
      if (refusal.path().endsWith(".hea")) {
        assertThat(headers.add(refusal.path())).as(refusal.path()).isTrue();
      }
    }
    return headers;
  }

  private static byte[] mutated(byte[] sound, SplittableRandom random) {
    byte[] bytes = sound.clone();
    for (int times = random.nextInt(4); times >= 0; times--) {
      int at = random.nextInt(bytes.length + 1);
      switch (random.nextInt(6)) {
        case 0 -> bytes = Arrays.copyOf(bytes, at);
        case 1 -> bytes = spliced(bytes, at, at, new byte[] {(byte) random.nextInt(256)});
        case 2 -> {
          int to = Math.min(bytes.length, at + random.nextInt(30));
          bytes = spliced(bytes, at, to, new byte[0]);
        }
        case 3 -> {
          int from = random.nextInt(bytes.length + 1);
          int to = Math.min(bytes.length, from + random.nextInt(60));
          bytes = spliced(bytes, at, at, Arrays.copyOfRange(bytes, from, to));
        }
        default -> {
          String piece = PIECES.get(random.nextInt(PIECES.size()));
          int to = Math.min(bytes.length, at + random.nextInt(3));
          bytes = spliced(bytes, at, to, piece.getBytes(StandardCharsets.UTF_8));
        }
      }
    }
    return random.nextInt(20) == 0
        ? new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_16)
        : bytes;
  }

  private static byte[] spliced(byte[] bytes, int from, int to, byte[] between) {
    byte[] out = Arrays.copyOf(bytes, from + between.length + bytes.length - to);
    System.arraycopy(between, 0, out, from, between.length);
    System.arraycopy(bytes, to, out, from + between.length, bytes.length - to);
    return out;
  }

  private void write(List<String> records) throws IOException {
    fileSystem = FileSystem.getLocal(new Configuration());
    input = Files.createDirectories(folder.resolve("input"));
    for (String record : records) {
      TwelveLeadFiles.write(
          input.resolve(record), 60, (lead, i) -> 100 * lead + i, "age: 50", "sex: male");
    }
  }

  private org.apache.hadoop.fs.Path hadoop(Path path) {
    return fileSystem.makeQualified(new org.apache.hadoop.fs.Path(path.toString()));
  }
}
