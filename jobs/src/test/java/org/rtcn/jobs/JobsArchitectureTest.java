package org.rtcn.jobs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Stages take Datasets, commands take arguments, and one place ends the JVM. */
@AnalyzeClasses(
    packages = "org.rtcn",
    importOptions = {ImportOption.DoNotIncludeTests.class, JobsArchitectureTest.NoTestJar.class})
class JobsArchitectureTest {

  /** The tests of {@code common} come as a jar when all is built. */
  static final class NoTestJar implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  @ArchTest
  static final ArchRule STAGES_PARSE_NO_ARGUMENTS =
      noClasses()
          .that()
          .haveSimpleNameEndingWith("Stage")
          .or()
          .resideInAnyPackage("org.rtcn.jobs.run..", "org.rtcn.jobs.tables..", "org.rtcn.common..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("picocli..", "org.rtcn.jobs.command..");

  @ArchTest
  static final ArchRule CLI_STANDS_ON_TOP =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.rtcn.jobs.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.rtcn.jobs.cli..");

  /** Every package by itself, those of common included. */
  @ArchTest
  static final ArchRule PACKAGES_FORM_NO_CIRCLE =
      slices().matching("org.rtcn.(**)").should().beFreeOfCycles();

  /** One trainer below the stages, and no stage's training below another's. */
  @ArchTest
  static final ArchRule AVERAGING_KNOWS_NO_STAGE =
      noClasses()
          .that()
          .resideInAPackage("org.rtcn.jobs.averaging..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.rtcn.jobs.train..", "org.rtcn.jobs.augment..");

  @ArchTest
  static final ArchRule AUGMENT_KNOWS_NO_TRAIN =
      noClasses()
          .that()
          .resideInAPackage("org.rtcn.jobs.augment..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.rtcn.jobs.train..");

  /** And what ends a command that Spark keeps from ending. */
  @ArchTest
  static final ArchRule ONLY_THE_SHELL_ENDS_THE_JVM =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("org.rtcn.jobs.shell.Shell")
          .and()
          .doNotHaveFullyQualifiedName("org.rtcn.jobs.spark.LostApplication")
          .should()
          .callMethod(System.class, "exit", int.class);
}
