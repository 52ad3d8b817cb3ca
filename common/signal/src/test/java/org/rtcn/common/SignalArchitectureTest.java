package org.rtcn.common;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What signal people take along stays small: Java itself and, where named, one library each. */
@AnalyzeClasses(packages = "org.rtcn.common", importOptions = ImportOption.DoNotIncludeTests.class)
class SignalArchitectureTest {

  @ArchTest
  static final ArchRule NOTHING_BUT_JAVA_AND_THREE_LIBRARIES =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "javax.xml..",
              "org.rtcn.common.dsp..",
              "org.rtcn.common.ecg..",
              "org.rtcn.common.error..",
              "org.rtcn.common.formats..",
              "org.rtcn.common.labels..",
              "org.rtcn.common.random..",
              "org.rtcn.common.simulate..",
              "org.rtcn.common.stockwell..",
              "org.rtcn.common.wfdb..",
              "org.jtransforms.fft..",
              "pl.edu.icm.jlargearrays..",
              "io.jhdf..",
              "com.fasterxml.jackson..");

  @ArchTest
  static final ArchRule ONLY_HDF5_KNOWS_JHDF = only("org.rtcn.common.formats.hdf5..", "io.jhdf..");

  @ArchTest
  static final ArchRule ONLY_FORMATS_KNOW_JACKSON =
      only("org.rtcn.common.formats..", "com.fasterxml.jackson..");

  @ArchTest
  static final ArchRule ONLY_STOCKWELL_KNOWS_JTRANSFORMS =
      only("org.rtcn.common.stockwell..", "org.jtransforms..");

  private static ArchRule only(String room, String library) {
    return noClasses()
        .that()
        .resideOutsideOfPackage(room)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library);
  }
}
