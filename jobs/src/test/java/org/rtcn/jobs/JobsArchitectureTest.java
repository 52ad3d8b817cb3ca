package org.rtcn.jobs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Stages take Datasets, commands take arguments, and one place ends the JVM. */
@AnalyzeClasses(packages = "org.rtcn", importOptions = ImportOption.DoNotIncludeTests.class)
class JobsArchitectureTest {

  @ArchTest
  static final ArchRule STAGES_PARSE_NO_ARGUMENTS =
      noClasses()
          .that()
          .haveSimpleNameEndingWith("Stage")
          .or()
          .resideInAnyPackage("org.rtcn.jobs.run..", "org.rtcn.jobs.tables..", "org.rtcn.common..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("picocli..", "org.rtcn.jobs.cli..");

  @ArchTest
  static final ArchRule ONLY_MAIN_ENDS_THE_JVM =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("org.rtcn.jobs.cli.Main")
          .should()
          .callMethod(System.class, "exit", int.class);
}
