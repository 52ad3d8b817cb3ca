package org.rtcn.jobs.diagnose;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import org.rtcn.common.diagnose.RtcnDiagnoser;
import org.rtcn.common.diagnose.RtcnDiagnoser.Diagnosis;
import org.rtcn.common.diagnose.RtcnDiagnoser.Stretch;
import org.rtcn.common.dsp.BeatExtractor;
import org.rtcn.common.dsp.LimbLeads;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.ecg.RecordException;
import org.rtcn.common.error.UserException;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.write.FileNames;
import org.rtcn.common.formats.write.OutputFiles;
import org.rtcn.common.formats.write.OutputFiles.IfPresent;
import org.rtcn.common.storage.StrictJson;
import org.rtcn.jobs.inputs.EcgInputs;

/**
 * Diagnoses recordings one after another and prints a line for each. A long one is answered window
 * by window, cut where {@code ingest} cuts by default, so that memory holds one window and the
 * answers are those of {@code predict}.
 */
public final class Answers implements EcgInputs.Visitor {
  private static final String NOTICE = "Research use only, not a medical device.";

  /** How an answer is printed. */
  public enum Form {
    TEXT,
    JSON
  }

  /**
   * Where pages are written.
   *
   * @param folder is there
   */
  public record Pages(Path folder, IfPresent ifPresent) {}

  private final RtcnDiagnoser diagnoser;
  private final Pages pages;
  private final Form form;
  private final PrintStream out;
  private final PrintStream err;
  private final FileNames pageNames = new FileNames();
  private final int windowSeconds;
  private String unsaid;
  private long answered;
  private long refused;

  /**
   * @param windowSeconds longest piece of a recording that is answered as one
   * @param pages null for none
   * @throws UserException if pages are wanted and the model's cannot be drawn
   */
  public Answers(
      RtcnDiagnoser diagnoser,
      int windowSeconds,
      Pages pages,
      Form form,
      PrintStream out,
      PrintStream err) {
    this.diagnoser = diagnoser;
    this.windowSeconds = windowSeconds;
    this.pages = pages;
    this.form = form;
    this.out = out;
    this.err = err;
    if (pages != null) {
      diagnoser.requirePages();
    }
  }

  @Override
  public void record(String name, EcgInputs.Source source) {
    try {
      EcgRecord record = source.get();
      List<Lead> missing = LimbLeads.missing(record.signal(0, 1));
      if (!missing.isEmpty()) {
        refuse(
            name,
            "LEADS_MISSING",
            "Cannot diagnose " + name + ": it has no lead " + missing + " among 12");
        return;
      }
      long window = Math.max(1, (long) (windowSeconds * record.fsHz()));
      window = Math.min(window, ReadLimits.DEFAULT.samples() / record.channels().size());
      if (record.sampleCount() <= window) {
        int all = Math.toIntExact(record.sampleCount());
        answer(name, name, new Stretch(record.signal(0, all), 0, all), record.facts());
        return;
      }
      long margin = (long) Math.ceil(BeatExtractor.MARGIN_SECONDS * record.fsHz());
      for (long start = 0; start < record.sampleCount(); start += window) {
        long end = Math.min(start + window, record.sampleCount());
        long from = Math.max(0, start - margin);
        long to = Math.min(end + margin, record.sampleCount());
        Stretch stretch =
            new Stretch(
                record.signal(from, Math.toIntExact(to - from)),
                Math.toIntExact(start - from),
                Math.toIntExact(end - from));
        answer(name, name + "@" + start, stretch, record.facts());
      }
    } catch (RecordException e) {
      refuse(name, e.code(), e.getMessage());
    } catch (IOException e) {
      refuse(name, "READ_FAILED", "Failed to read " + name + ": " + e.getMessage());
    }
  }

  private void answer(String file, String name, Stretch stretch, EcgFacts facts) {
    Diagnosis diagnosis;
    try {
      diagnosis =
          diagnoser.diagnose(stretch, facts.ageYears().orElse(Float.NaN), facts.sex().orElse(null));
    } catch (UserException e) {
      refuse(
          name,
          "NO_ANSWER",
          e.getMessage()
              .replaceFirst(
                  "^Cannot diagnose:", Matcher.quoteReplacement("Cannot diagnose " + name + ":")));
      return;
    }
    sayUnsaid();
    answered++;
    Path page = pages == null ? null : writePage(name, stretch, diagnosis, facts.isSimulated());
    out.println(
        form == Form.JSON
            ? json(file, name, diagnosis, facts, page)
            : text(name, diagnosis, facts.isSimulated()));
  }

  private Path writePage(String name, Stretch stretch, Diagnosis diagnosis, boolean simulated) {
    Path page = pages.folder().resolve(pageNames.unique(name) + ".html");
    String html = diagnoser.page(name, stretch, diagnosis, simulated);
    OutputFiles.write(page, html.getBytes(StandardCharsets.UTF_8), pages.ifPresent());
    return page;
  }

  private static String text(String name, Diagnosis diagnosis, boolean simulated) {
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "%s: %s %.3f, p(MI) %.3f (infarct from %.3f on), %d beats, model %s%s",
            name,
            diagnosis.predicted(),
            diagnosis.probabilities().get(diagnosis.predicted()),
            diagnosis.probabilityMi(),
            diagnosis.detection().probability(),
            diagnosis.beats(),
            diagnosis.modelId(),
            diagnosis.simulated() ? " that learned from SIMULATED ECG" : ""));
    if (simulated) {
      line.append("; the recording is simulated");
    }
    diagnosis.warnings().forEach(warning -> line.append("; ").append(warning));
    return line.toString();
  }

  private static String json(
      String file, String name, Diagnosis diagnosis, EcgFacts facts, Path page) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("file", file);
    answer.put("recording", name);
    answer.put("predicted", diagnosis.predicted());
    answer.put("probabilities", diagnosis.probabilities());
    answer.put("probability_mi", diagnosis.probabilityMi());
    answer.put("threshold", diagnosis.detection().probability());
    answer.put("threshold_origin", diagnosis.detection().origin());
    answer.put("beats", diagnosis.beats());
    answer.put("r_samples", diagnosis.rSamples());
    answer.put("warnings", diagnosis.warnings());
    answer.put("model_id", diagnosis.modelId());
    answer.put("model_learned_from_simulated_ecg", diagnosis.simulated());
    answer.put("recording_simulated", facts.isSimulated());
    if (page != null) {
      answer.put("page", page.toString());
    }
    answer.put("notice", NOTICE);
    return line(answer);
  }

  @Override
  public void refuse(String name, String reason, String detail) {
    sayUnsaid();
    refused++;
    // A single file that cannot be answered is the command's own failure, said once.
    unsaid = detail + " (" + reason + ")";
    if (form == Form.JSON) {
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("file", name);
      answer.put("refused", reason);
      answer.put("detail", detail);
      out.println(line(answer));
    }
  }

  private static String line(Map<String, Object> object) {
    return new String(StrictJson.write(object), StandardCharsets.UTF_8);
  }

  private void sayUnsaid() {
    if (unsaid != null) {
      err.println("rtcn: " + unsaid);
      unsaid = null;
    }
  }

  /**
   * Says what is left to say.
   *
   * @return the exit status, 0
   * @throws UserException if nothing was answered
   */
  public int end() {
    if (answered == 0) {
      if (refused == 1) {
        throw new UserException(unsaid);
      }
      sayUnsaid();
      throw new UserException(
          "Cannot diagnose anything: "
              + (refused == 0
                  ? "no input holds ECG; give files of a format that docs/formats.md lists"
                  : refused + " recordings or files were refused; see above"));
    }
    sayUnsaid();
    List<String> said = new ArrayList<>();
    if (refused > 0) {
      said.add(answered + " answered, " + refused + " refused.");
    }
    if (diagnoser.model().simulated()) {
      said.add(RtcnDiagnoser.OF_SIMULATED_ECG);
    }
    said.add(NOTICE);
    err.println(String.join(" ", said));
    return 0;
  }
}
