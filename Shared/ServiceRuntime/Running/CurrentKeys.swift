import HTTPServer
import Logging
import Observability
import PaymentModel
import Synchronization

/// Verifies tokens by the keys as they are now: a key that is added to the file counts without a restart.
final class CurrentKeys: Authenticator, Sendable {
    private struct State {
        var text: String
        var verifier: TokenVerifier
    }

    private let state: Mutex<State>
    private let settings: Settings
    private let logger: Logger

    /// How often the file is looked at.
    private static let interval = Duration.seconds(30)

    init(_ settings: Settings, logger: Logger) async throws {
        self.settings = settings
        self.logger = logger
        let verifier = await TokenVerifier(try settings.keySet(), rules: settings.tokenRules, time: .system)
        state = Mutex(State(text: settings[StandardSettings.tokenKeys], verifier: verifier))
    }

    func authenticate(bearer token: String) async throws(Problem) -> Principal {
        let verifier = state.withLock { $0.verifier }
        return try await verifier.authenticate(bearer: token)
    }

    func timeLeft(bearer token: String) async throws(Problem) -> Duration? {
        let verifier = state.withLock { $0.verifier }
        return try await verifier.timeLeft(bearer: token)
    }

    /// Looks whether the file has changed; none where the keys did not come from a file.
    var jobs: [Job] {
        guard case .file(let path) = settings.source(of: StandardSettings.tokenKeys) else { return [] }
        return [Job("read-token-keys", every: Self.interval) { [self] in try await read(path) }]
    }

    /// A file that can't be used changes nothing: the keys before it stay.
    private func read(_ path: String) async throws {
        let text = Settings.trimmed(try Environment.contents(of: path))
        guard state.withLock({ $0.text != text }) else { return }
        let verifier = await TokenVerifier(try KeySet(jwks: text), rules: settings.tokenRules, time: .system)
        state.withLock { $0 = State(text: text, verifier: verifier) }
        logger.notice(
            "token keys were read anew", metadata: [LogField.setting: .string(StandardSettings.tokenKeys.name)])
    }
}
