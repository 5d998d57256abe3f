import TestSupport
import Testing

/// The proxy of `docker-compose.yml` (OPS-1), with Docker's name server and the services' containers played by a
/// script.
@Suite struct `The proxy before the containers` {
    @Test(
        .timeLimit(.minutes(2)),
        .enabled(if: isInstalled("nginx"), "nginx comes with deploy/local/install --servers"))
    func `shares requests among all containers of a service, and passes everything on as it comes`() async throws {
        let script = ExternalProcess.repository + "deploy/containers/check-proxy.py"
        let check = try await PythonScript.run([script])
        #expect(check.status == 0, "\(check.output)")
        #expect(check.output.contains("the proxy holds what it promises"))
    }
}
