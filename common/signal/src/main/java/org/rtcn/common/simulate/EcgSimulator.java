package org.rtcn.common.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.rtcn.common.ecg.InfarctSite;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.ecg.Lead;

/**
 * Simulates patients one by one. A patient's records depend on the options and the patient's number
 * alone, to the last bit, on every machine: all transcendental functions are {@link StrictMath}'s.
 *
 * <p>Thread safe: holds nothing but its options.
 */
public final class EcgSimulator {
  private static final int LEADS = DowerMatrix.LEADS.size();

  /** Beyond this many standard deviations a Gaussian term is below 0.01 µV. */
  private static final double REACH = 5.5;

  private static final double DEGREE = StrictMath.PI / 180;

  private final SimulationOptions options;

  public EcgSimulator(SimulationOptions options) {
    this.options = options;
  }

  /**
   * All records of a patient.
   *
   * @param patient 1..{@link SimulationOptions#patientCount}
   */
  public List<SimulatedRecord> recordsOf(int patient) {
    SimulatedPatient person = PatientModel.draw(options, patient);
    int count =
        GaussianStream.of(options.seed(), "record-count", patient)
            .integer(options.minRecordsPerPatient(), options.maxRecordsPerPatient());
    List<SimulatedRecord> records = new ArrayList<>();
    for (int record = 1; record <= count; record++) {
      records.add(record(person, record));
    }
    return records;
  }

  private SimulatedRecord record(SimulatedPatient patient, int number) {
    GaussianStream random = GaussianStream.of(options.seed(), "record", patient.number(), number);
    int n = (int) Math.round(options.durationSeconds() * options.fsHz());
    double heartRate = patient.heartRatePerMinute() * random.factor(0.05);
    double respirationHz = random.normalWithin(0.25, 0.04, 0.15, 0.4);
    double respirationPhase = random.uniform(0, 2 * StrictMath.PI);
    Rhythm rhythm =
        Rhythm.draw(
            random,
            heartRate,
            patient.ageYears(),
            respirationHz,
            respirationPhase,
            options.durationSeconds());
    double[][] dipole = dipole(patient, rhythm, n, random);
    double[][] leads = project(patient, dipole, n, random);
    recordThroughElectrodes(leads, respirationHz, respirationPhase, random);

    List<Integer> rSamples = new ArrayList<>();
    for (double seconds : rhythm.rSeconds()) {
      long sample = Math.round(seconds * options.fsHz());
      if (sample >= 0 && sample < n) {
        rSamples.add((int) sample);
      }
    }
    return new SimulatedRecord(
        patient.name(),
        String.format(Locale.ROOT, "s%04d_sim", 10L * patient.number() + number),
        patient.label(),
        options.fsHz(),
        twelveLeads(leads, n),
        rSamples,
        comments(patient));
  }

  /** The sum of all Gaussian terms of all beats, {@code [x, y, z][sample]} in mV. */
  private double[][] dipole(SimulatedPatient patient, Rhythm rhythm, int n, GaussianStream random) {
    double[][] dipole = new double[3][n];
    double breathAmplitude = 0.035 * random.factor(0.3);
    double breathTurn = random.normal(0, 2.5) * DEGREE;
    for (int beat = 0; beat < rhythm.rSeconds().size(); beat++) {
      double breath = StrictMath.sin(rhythm.breathing().get(beat));
      double amplitude = 1 + breathAmplitude * breath + 0.008 * random.normal();
      double rr = rhythm.rrSeconds().get(beat);
      for (DipoleWave wave : patient.waves()) {
        double scale = wave.part().timeScale(rr);
        double centre = rhythm.rSeconds().get(beat) + scale * wave.offsetSeconds();
        Vec3 moment =
            wave.moment()
                .times(amplitude)
                .rotated(breathTurn * breath, 0.5 * breathTurn * breath, 0);
        add(dipole, centre, scale * wave.widthSeconds(), moment);
      }
    }
    return dipole;
  }

  private void add(double[][] dipole, double centre, double width, Vec3 moment) {
    double fsHz = options.fsHz();
    int from = (int) Math.max(0, Math.ceil((centre - REACH * width) * fsHz));
    int to = (int) Math.min(dipole[0].length - 1, Math.floor((centre + REACH * width) * fsHz));
    for (int i = from; i <= to; i++) {
      double u = (i / fsHz - centre) / width;
      double g = StrictMath.exp(-u * u / 2);
      dipole[0][i] += g * moment.x();
      dipole[1][i] += g * moment.y();
      dipole[2][i] += g * moment.z();
    }
  }

  /** The eight leads {@code [lead][sample]} of {@link DowerMatrix#LEADS}, in mV. */
  private static double[][] project(
      SimulatedPatient patient, double[][] dipole, int n, GaussianStream random) {
    double[][] leads = new double[LEADS][n];
    for (int lead = 0; lead < LEADS; lead++) {
      boolean chest = lead >= 2;
      double gain = chest ? patient.chestGain().get(lead - 2) * random.factor(0.04) : 1;
      // A chest electrode is never placed quite as last time: it sees a little of its neighbour.
      int neighbour = lead;
      double share = 0;
      if (chest) {
        double shift = Math.max(-0.3, Math.min(0.3, random.normal(0, 0.08)));
        neighbour = Math.max(2, Math.min(LEADS - 1, shift > 0 ? lead + 1 : lead - 1));
        share = Math.abs(shift);
      }
      for (int i = 0; i < n; i++) {
        double x = dipole[0][i];
        double y = dipole[1][i];
        double z = dipole[2][i];
        leads[lead][i] =
            gain
                * ((1 - share) * DowerMatrix.project(lead, x, y, z)
                    + share * DowerMatrix.project(neighbour, x, y, z));
      }
    }
    return leads;
  }

  /**
   * Gains and noise belong to electrodes, not to leads: only so do Einthoven's relation and the
   * noise that all leads share hold. The potentials are taken against the mean of the limbs.
   */
  private void recordThroughElectrodes(
      double[][] leads, double respirationHz, double respirationPhase, GaussianStream random) {
    int n = leads[0].length;
    double[][] electrodes = new double[LEADS + 1][]; // RA, LA, LL, then V1 to V6
    electrodes[0] = new double[n];
    electrodes[1] = new double[n];
    electrodes[2] = new double[n];
    for (int i = 0; i < n; i++) {
      double one = leads[0][i];
      double two = leads[1][i];
      electrodes[0][i] = -(one + two) / 3;
      electrodes[1][i] = (2 * one - two) / 3;
      electrodes[2][i] = (2 * two - one) / 3;
    }
    for (int chest = 2; chest < LEADS; chest++) {
      electrodes[chest + 1] = leads[chest];
    }
    double mainsPhase = random.uniform(0, 2 * StrictMath.PI);
    for (double[] electrode : electrodes) {
      double gain = 1 + random.normalWithin(0, 0.015, -0.05, 0.05);
      for (int i = 0; i < n; i++) {
        electrode[i] *= gain;
      }
      ElectrodeNoise.addTo(
          electrode,
          options.fsHz(),
          options.noiseLevel(),
          respirationHz,
          respirationPhase,
          mainsPhase,
          random);
    }
    for (int i = 0; i < n; i++) {
      double ra = electrodes[0][i];
      double la = electrodes[1][i];
      double ll = electrodes[2][i];
      double reference = (ra + la + ll) / 3;
      leads[0][i] = la - ra;
      leads[1][i] = ll - ra;
      for (int chest = 2; chest < LEADS; chest++) {
        leads[chest][i] -= reference;
      }
    }
  }

  /** Digitises the eight leads and derives the four: Einthoven in ADC units, exactly. */
  private static int[][] twelveLeads(double[][] leads, int n) {
    int[][] adu = new int[Lead.STANDARD_12.size()][n];
    int[] one = digitised(leads[0], adu[row(Lead.I)]);
    int[] two = digitised(leads[1], adu[row(Lead.II)]);
    int[] three = adu[row(Lead.III)];
    int[] avr = adu[row(Lead.AVR)];
    int[] avl = adu[row(Lead.AVL)];
    int[] avf = adu[row(Lead.AVF)];
    for (int i = 0; i < n; i++) {
      three[i] = two[i] - one[i];
      avr[i] = (int) Math.rint(-(one[i] + two[i]) / 2.0);
      avl[i] = (int) Math.rint((2 * one[i] - two[i]) / 2.0);
      avf[i] = (int) Math.rint((2 * two[i] - one[i]) / 2.0);
    }
    for (int chest = 2; chest < LEADS; chest++) {
      digitised(leads[chest], adu[row(DowerMatrix.LEADS.get(chest))]);
    }
    return adu;
  }

  private static int row(Lead lead) {
    return Lead.STANDARD_12.indexOf(lead);
  }

  /** A third of the range is room for the derived leads: 5 mV, which no ECG reaches. */
  private static int[] digitised(double[] millivolts, int[] out) {
    for (int i = 0; i < out.length; i++) {
      double value = millivolts[i] * SimulatedRecord.GAIN_ADU_PER_MILLIVOLT;
      out[i] = (int) Math.rint(Math.max(-10_900, Math.min(10_900, value)));
    }
    return out;
  }

  private List<String> comments(SimulatedPatient patient) {
    boolean infarct = patient.label() != Label.HC;
    List<String> comments = new ArrayList<>();
    comments.add("age: " + patient.ageYears());
    comments.add("sex: " + patient.sex());
    comments.add("ECG date: n/a");
    comments.add(
        "Simulated: yes (rtcn-spark simulate, seed "
            + options.seed()
            + "); not a recording of a person");
    comments.add("Diagnose:");
    comments.add(
        "Reason for admission: " + (infarct ? "Myocardial infarction" : "Healthy control"));
    comments.add(
        "Acute infarction (localization): "
            + (infarct ? InfarctSite.valueOf(patient.label().name()).description() : "no"));
    comments.add("Former infarction (localization): no");
    comments.add("Additional diagnoses: no");
    if (infarct) {
      comments.add(
          String.format(Locale.ROOT, "Simulated severity (0..1): %.3f", patient.severity()));
      comments.add(
          String.format(Locale.ROOT, "Simulated stage (0 acute, 1 old): %.3f", patient.stage()));
    }
    return comments;
  }
}
