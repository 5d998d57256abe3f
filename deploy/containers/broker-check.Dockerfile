# The embedded broker in place of Apache Kafka, for engines that can pull nothing; the program is copied from a build of
# this machine with the Swift libraries it needs.
FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends librdkafka1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home broker
COPY lib /usr/lib/swift/linux
COPY embedded-broker /usr/local/bin/
ENV LD_LIBRARY_PATH=/usr/lib/swift/linux
USER broker
ENTRYPOINT ["embedded-broker"]
