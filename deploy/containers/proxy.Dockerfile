# What owns the ports of docker-compose.yml and hands each request to one of a service's containers: nginx from Debian.
ARG BASE_IMAGE=debian:bookworm-slim
FROM ${BASE_IMAGE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends nginx-light \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home quittance
COPY proxy.conf /etc/quittance/proxy.conf
RUN nginx -e stderr -t -c /etc/quittance/proxy.conf && rm -rf /tmp/*
USER quittance
EXPOSE 8101 8102 8103 8104
HEALTHCHECK --interval=5s --timeout=3s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8101"]
# Requests in hand finish.
STOPSIGNAL SIGQUIT
ENTRYPOINT ["nginx", "-e", "stderr", "-c", "/etc/quittance/proxy.conf"]
