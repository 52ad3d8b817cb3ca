/**
 * JMH benchmarks. Build and run them:
 *
 * <pre>
 * ./mvnw -Pbenchmarks -pl benchmarks -am -DskipTests package
 * java -cp "benchmarks/target/classes:benchmarks/target/lib/*" org.openjdk.jmh.Main
 * </pre>
 */
package org.rtcn.benchmarks;
