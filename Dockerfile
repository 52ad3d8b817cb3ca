# rtcn-spark with the Spark runtime that it builds, on images that the builder gives by digest (docs/supply-chain.md):
#   docker build -t rtcn --build-arg JDK_IMAGE=eclipse-temurin:17-jdk-jammy@sha256:... \
#     --build-arg JRE_IMAGE=eclipse-temurin:17-jre-jammy@sha256:... .
#   docker run --rm -v "$PWD/out:/data" rtcn
# Built nowhere yet (no container engine was at hand): deploy/test/run container lints it and runs the same
# files from an empty folder. Research use only, not a medical device.
# No default: a tag can be moved, and no registry was at hand to learn a digest from.
ARG JDK_IMAGE
ARG JRE_IMAGE
FROM ${JDK_IMAGE} AS build
WORKDIR /src
COPY . .
RUN ./mvnw -B -ntp -q -DskipTests package

FROM ${JRE_IMAGE}
# A user of its own: nothing here needs root.
RUN useradd --create-home --uid 1000 rtcn && mkdir /data && chown rtcn /data
COPY --from=build /src/deploy/bin /opt/rtcn/deploy/bin
COPY --from=build /src/conf /opt/rtcn/conf
COPY --from=build /src/deploy/runtime/target/spark/jars /opt/rtcn/deploy/runtime/target/spark/jars
COPY --from=build /src/jobs/target/rtcn.jar /opt/rtcn/jobs/target/rtcn.jar
USER 1000:1000
WORKDIR /data
VOLUME /data
ENV OMP_NUM_THREADS=1
ENTRYPOINT ["/opt/rtcn/deploy/bin/rtcn"]
CMD ["demo", "--run", "/data/rtcn-run"]
