package org.rtcn.jobs.simulate;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.rtcn.common.config.Settings;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.simulate.SimulationOptions;
import org.rtcn.jobs.command.WriteOptions;
import org.rtcn.jobs.run.RunDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code rtcn simulate}. */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    description = {
      "Writes simulated 12-lead ECG of healthy and infarcted patients as WFDB records to RUN/raw.",
      "Every artefact says that it is simulated."
    },
    footer = {
      "",
      "Example: 20 healthy and 5 inferior infarcts, 10 s each:",
      "  rtcn simulate --run /tmp/sim --set \"simulate.patients={HC=20, IMI=5}\""
    })
public final class SimulateCommand implements Callable<Integer> {
  @Mixin private WriteOptions options;

  @Override
  public Integer call() {
    Settings settings = options.settings();
    SimulationOptions simulation = read(settings);
    return options.execute(
        "simulate",
        settings,
        RunDirectory::requireWritable,
        context -> SimulateStage.run(context, simulation));
  }

  /** The options of the section {@code rtcn.simulate}. */
  public static SimulationOptions read(Settings settings) {
    return settings.read(
        "simulate",
        simulate ->
            new SimulationOptions(
                settings.seed(),
                patients(simulate.getConfig("patients")),
                simulate.getInt("min-records-per-patient"),
                simulate.getInt("max-records-per-patient"),
                simulate.getDouble("fs-hz"),
                simulate.getDouble("duration-seconds"),
                simulate.getDouble("noise-level"),
                simulate.getDouble("min-severity"),
                simulate.getDouble("max-severity")));
  }

  private static Map<Label, Integer> patients(Config config) {
    Map<Label, Integer> patients = new EnumMap<>(Label.class);
    for (Map.Entry<String, ConfigValue> entry : config.entrySet()) {
      Label label;
      try {
        label = Label.valueOf(entry.getKey());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "class \""
                + entry.getKey()
                + "\": these can be simulated: "
                + SimulationOptions.CLASSES,
            e);
      }
      patients.put(label, config.getInt(entry.getKey()));
    }
    return patients;
  }
}
