# rtcn-spark with the Spark runtime that it builds, on images pinned by digest (docs/supply-chain.md):
#   docker build -t rtcn .
#   docker run --rm -v "$PWD/out:/data" rtcn
# Built by buildah on Debian's OpenJDK in the place of these images (docs/kubernetes.md); deploy/test/run container lints
# it and runs the same files from an empty folder. Research use only, not a medical device.
# Temurin 17.0.20+8 and 17.0.20.1+1: multi-platform indexes, as docker-library/repo-info lists them.
ARG JDK_IMAGE=eclipse-temurin:17-jdk-jammy@sha256:ef4374b4b6b9d813dd3f5b593a35ec9a820cfb64a55994798147cc73435a0208
ARG JRE_IMAGE=eclipse-temurin:17-jre-jammy@sha256:97137382c6f0c30427d9b7c44ad8b2d55ac823b0768c171d81a643ed219023c5
FROM ${JDK_IMAGE} AS build
# What to build; for GPUs -Pkubernetes,torch -Drtcn.jar.name=rtcn (docs/gpu.md).
ARG BUILD=-Pkubernetes
WORKDIR /src
COPY . .
# hadolint ignore=SC2086
RUN ./mvnw -B -ntp -q -DskipTests ${BUILD} package

FROM ${JRE_IMAGE}
# A user of its own: nothing here needs root.
RUN useradd --create-home --uid 1000 rtcn && mkdir /data && chown rtcn /data
COPY --from=build /src/deploy/bin /opt/rtcn/deploy/bin
COPY --from=build /src/deploy/kubernetes /opt/rtcn/deploy/kubernetes
COPY --from=build /src/deploy/gpu /opt/rtcn/deploy/gpu
COPY --from=build /src/conf /opt/rtcn/conf
COPY --from=build /src/deploy/runtime/target/spark/jars /opt/rtcn/deploy/runtime/target/spark/jars
COPY --from=build /src/jobs/target/rtcn.jar /opt/rtcn/jobs/target/rtcn.jar
USER 1000:1000
WORKDIR /data
VOLUME /data
ENV OMP_NUM_THREADS=1
ENTRYPOINT ["/opt/rtcn/deploy/kubernetes/entrypoint"]
CMD ["demo", "--run", "/data/rtcn-run"]
