import Foundation
import HTTPServer
import PaymentModel
import ServiceRuntime
import TestSupport

/// Files of another software: rows a second, and how much memory the job takes for a long one beside a short one.
struct InvoicingImport: Sendable {
    let world: InvoicingWorld
    let rows: Int

    private enum Kind: String, CaseIterable { case clients, openItems = "open-items", payments }

    func run() async throws {
        let clinic = "REPRISE"
        _ = try await world.clinic(clinic)
        for kind in Kind.allCases {
            let few = min(1_000, rows)
            let short = try await take(kind, 1...few, clinic)
            let long = try await take(kind, few + 1...few + rows, clinic)
            say(
                String(
                    format: "import of %@: %d rows, %.0f rows/s, memory +%d KiB, for %d rows +%d KiB", kind.rawValue,
                    rows, Double(rows) / long.seconds, long.kibibytes, few, short.kibibytes))
        }
    }

    /// Time and memory of the job alone; the file came in before.
    private func take(
        _ kind: Kind, _ numbers: ClosedRange<Int>, _ clinic: String
    ) async throws -> (seconds: Double, kibibytes: Int) {
        let id = try await send(kind, file(kind, numbers, clinic))
        let before = try ProcessMemory.kibibytes("VmRSS")
        let start = ContinuousClock.now
        try await world.takeImports()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let rows = try await world.caller().ask(.get, "/v1/imports/\(id)").json["rows"]
        guard rows?["added"]?.integer == Int64(numbers.count) else { throw TestSupportError("\(rows as Any)") }
        return (seconds, try ProcessMemory.kibibytes("VmRSS") - before)
    }

    private func send(_ kind: Kind, _ file: [UInt8]) async throws -> String {
        let caller = try await world.caller()
        let headers: Headers = [
            "Authorization": "Bearer \(caller.token)", "Content-Type": "text/csv",
            "Idempotency-Key": "bench-\(IdentifierSource.system.next())",
        ]
        let target = "/v1/imports?kind=\(kind.rawValue)&mode=keep-good"
        let answer = try await caller.http.call(
            IncomingRequest(method: "POST", target: target, headers: headers, bytes: file))
        guard answer.status == 202 else { throw TestSupportError(answer.text) }
        return try answer.id()
    }

    private func file(_ kind: Kind, _ numbers: ClosedRange<Int>, _ clinic: String) -> [UInt8] {
        var text: String
        switch kind {
        case .clients:
            text = "client_ref;clinic_code;client_last_name;client_first_name;client_phone;client_email\n"
            for number in numbers {
                let phone = "061\(String(format: "%07d", number))"
                text += "X\(number);\(clinic);Martin \(number);Ada;\(phone);x\(number)@example.org\n"
            }
        case .openItems:
            text = "item_ref;clinic_code;client_ref;issued_on;due_on;amount_due\n"
            for number in numbers { text += "I\(number);\(clinic);X\(number);01/10/2026;31/10/2026;42,00\n" }
        case .payments:
            text = "payment_ref;clinic_code;client_ref;received_on;amount;method;pays_ref\n"
            for number in numbers { text += "P\(number);\(clinic);X\(number);02/11/2026;12,00;card;I\(number)\n" }
        }
        return Array(text.utf8)
    }
}
