package org.rtcn.common;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The engines stay pure Java. */
@AnalyzeClasses(packages = "org.rtcn.common", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule ENGINES_KNOW_NO_CLUSTER =
      noClasses()
          .that()
          .resideInAPackage("org.rtcn.common..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.spark..", "org.apache.hadoop..", "scala..", "org.rtcn.jobs..");

  @ArchTest
  static final ArchRule ONLY_NETWORKS_KNOW_ND4J =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "org.rtcn.common.nn..",
              "org.rtcn.common.onnx..",
              "org.rtcn.common.kernels..",
              "org.rtcn.common.diffusion..",
              "org.rtcn.common.optimise..",
              "org.rtcn.common.nd4j..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.nd4j..", "org.deeplearning4j..");

  @ArchTest
  static final ArchRule AVERAGING_KNOWS_NO_NETWORK =
      noClasses()
          .that()
          .resideInAnyPackage("org.rtcn.common.averaging..", "org.rtcn.common.optimise..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.rtcn.common.nn..", "org.rtcn.common.diffusion..");
}
