import ArgumentParser
import Foundation

/// The services of a running system, as `deploy/local/benchmark` tells where they are.
struct RunningSystem: ParsableArguments {
    @Option(help: "Where invoicing is.")
    var invoicing: String

    @Option(name: .customLong("payments-url"), help: "Where payment-orchestrator is.")
    var paymentsURL: String

    @Option(help: "Where notification is.")
    var notification: String

    @Option(help: "Where reconciliation is.")
    var reconciliation: String

    @Option(help: "Where the worker of notification answers for its health; its statements count when it is given.")
    var worker: String?

    @Option(help: "File with the private key that signs tokens.")
    var signingKey: String

    /// The key that signs tokens.
    func key() throws -> String { try String(contentsOfFile: signingKey, encoding: .utf8) }

    /// Every process with a schema and an address.
    var services: [(schema: String, process: String, address: String)] {
        [
            ("invoicing", "invoicing-serve", invoicing), ("payments", "payment-orchestrator-serve", paymentsURL),
            ("notification", "notification-serve", notification),
            ("reconciliation", "reconciliation-serve", reconciliation),
        ] + (worker.map { [("notification", "notification-work", $0)] } ?? [])
    }

    /// Reads the counters of all of them.
    func meters() async throws -> SpineMeters {
        try await SpineMeters(services.map { ($0.schema, $0.address) }, signingKey: key())
    }
}

extension SpineAddresses {
    init(_ system: RunningSystem, sandbox: String) {
        self.init(
            invoicing: system.invoicing, payments: system.paymentsURL, notification: system.notification,
            reconciliation: system.reconciliation, sandbox: sandbox)
    }
}

/// What Linux says of a process's memory.
enum ProcessMemory {
    /// A line of its status in kibibytes, such as `VmRSS` (now) or `VmHWM` (the most so far).
    static func kibibytes(_ line: String, of process: String = "self") throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        guard let told = status.split(separator: "\n").first(where: { $0.hasPrefix(line + ":") }),
            let kibibytes = Int(told.filter(\.isNumber))
        else { throw ValidationError("/proc/\(process)/status says nothing of \(line)") }
        return kibibytes
    }
}
