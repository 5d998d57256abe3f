import Crypto
import EventContract
import Foundation
import HTTPClient
import HTTPServer
import NotificationService
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import TransactionalMessaging

/// A message as the table has it.
struct MessageRow: Sendable {
    let id: MessageID
    let state: String
    let reason: String?
    let tries: Int32
    let parts: Int32?
}

// What tests see of the service, and what they do to it from outside.
extension NotificationStack {
    /// A zone whose wall clock shows about this hour: Etc/GMT+3 is three hours behind UTC.
    static func zone(atHour wanted: Int) -> String {
        let hour = Int(TimeSource.system.now().microsecondsSince1970 / 3_600_000_000 % 24)
        let shift = ((wanted - hour) % 24 + 36) % 24 - 12
        return shift >= 0 ? "Etc/GMT-\(shift)" : "Etc/GMT+\(-shift)"
    }

    // MARK: The table

    func messages(about payment: PaymentID, occasion: String = "payment-link") async throws -> [MessageRow] {
        try await rows("payment = \(payment) AND occasion = \(occasion)")
    }

    func message(_ id: MessageID) async throws -> MessageRow {
        guard let row = try await rows("id = \(id)").first else { throw BenchFailure(text: "no message \(id)") }
        return row
    }

    func messages(about invoice: InvoiceID, occasion: String) async throws -> [MessageRow] {
        try await rows("invoice = \(invoice) AND occasion = \(occasion)")
    }

    func messages(about receivable: ReceivableID) async throws -> [MessageRow] {
        try await rows("receivable = \(receivable)")
    }

    private func rows(_ condition: SQL) async throws -> [MessageRow] {
        try await database.read(organisation: nil) { transaction in
            try transaction.query("SELECT id, state, reason, tries, parts FROM message WHERE \(condition) ORDER BY id")
            {
                row in
                MessageRow(
                    id: try row("id"), state: try row("state"), reason: try row("reason"), tries: try row("tries"),
                    parts: try row("parts"))
            }
        }
    }

    /// Waits for the one message about a payment to come into a state.
    @discardableResult
    func message(
        about payment: PaymentID, occasion: String = "payment-link", until state: String
    ) async throws -> MessageRow {
        try await theOne(until: state) { try await messages(about: payment, occasion: occasion) }
    }

    /// The same of an invoice.
    @discardableResult
    func message(about invoice: InvoiceID, occasion: String, until state: String) async throws -> MessageRow {
        try await theOne(until: state) { try await messages(about: invoice, occasion: occasion) }
    }

    private func theOne(until state: String, _ look: () async throws -> [MessageRow]) async throws -> MessageRow {
        var last: [MessageRow] = []
        do {
            try await waitUntil("the message is \(state)") {
                last = try await look()
                return last.contains { $0.state == state }
            }
        } catch {
            throw BenchFailure(text: "\(error); there is \(last)")
        }
        guard last.count == 1 else { throw BenchFailure(text: "several messages: \(last)") }
        return last[0]
    }

    /// How many messages there are in each state, among these.
    func states(of ids: [MessageID]) async throws -> [String: Int] {
        let counts = try await database.read(organisation: nil) { transaction in
            try transaction.query(
                "SELECT state, count(*) AS count FROM message WHERE id = ANY(\(ids)) GROUP BY state"
            ) { row in (try row("state") as String, try row("count") as Int) }
        }
        return Dictionary(uniqueKeysWithValues: counts)
    }

    func receipts(of id: MessageID) async throws -> [Int] {
        try await database.read(organisation: nil) { transaction in
            try transaction.query(
                "SELECT code::int8 AS code FROM delivery_receipt WHERE message = \(id) ORDER BY received_at"
            ) { row in
                try row("code")
            }
        }
    }

    /// The types of the events about a message, in order, published or about to be.
    func events(of id: MessageID) async throws -> [String] {
        try await database.read(organisation: nil) { transaction in
            try transaction.query(
                """
                SELECT type FROM (SELECT type, subject, position FROM outbox
                    UNION ALL SELECT type, subject, position FROM outbox_journal) AS told
                WHERE subject = \(id) ORDER BY position
                """
            ) { row in
                let type: String = try row("type")
                return String(type.dropFirst("org.quittance.notifications.".count).dropLast(".v1".count))
            }
        }
    }

    /// Why events say that a message was called off, in their order.
    func callOffs(of id: MessageID) async throws -> [String] {
        try await database.read(organisation: nil) { transaction in
            try transaction.query(
                """
                SELECT convert_from(value, 'UTF8')::json ->> 'reason' AS reason
                FROM (SELECT type, subject, position, value FROM outbox
                    UNION ALL SELECT type, subject, position, value FROM outbox_journal) AS told
                WHERE subject = \(id) AND type = \(MessageCalledOffV1.type.text) ORDER BY position
                """
            ) { row in try row("reason") }
        }
    }

    // MARK: The gateway

    /// What the gateway took under a message's id.
    func sent(_ id: MessageID) async throws -> [SandboxJSON] {
        try await sandbox.control(.get, "/sms/messages?gsmsmsid=\(id)").list
    }

    /// How often the gateway took each of these messages.
    func sendings(of ids: [MessageID]) async throws -> [MessageID: Int] {
        guard case .object(let counts) = try await sandbox.control(.get, "/sms/counts") else { return [:] }
        return ids.reduce(into: [:]) { found, id in found[id] = counts[id.description]?.int }
    }

    /// The receipt the gateway will push for a number; 1 decides nothing.
    func plantReceipt(_ status: Int, for phone: String) async throws {
        try await sandbox.control(.post, "/sms/outcomes", #"{"to":"\#(phone)","status":\#(status)}"#)
    }

    // MARK: The service's own routes

    /// How many calls to a gateway's webhooks were counted as not the gateway's.
    func forged(_ gateway: String) async throws -> Int {
        let labels = [#"gateway="\#(gateway)""#, #"outcome="forged""#]
        return Int(try await metrics().sum(of: "quittance_gateway_notifications_total", labels))
    }

    static func receipt(_ status: String, of id: MessageID) -> String {
        #"{"date":"2026-11-20T10:00:00Z","status":\#(status),"destination":"33600000000","message_id":"\#(id)"}"#
    }

    static func signature(of body: String, secret: String = webhookSecret) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(body.utf8), using: SymmetricKey(data: Array(secret.utf8)))
        return code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Pushes a receipt as the gateway would; answers the status.
    func push(_ body: String, signature: String?) async throws -> Int {
        try await client.send(
            HTTPRequest(
                .post, "http://127.0.0.1:\(port)/webhooks/smsfactor/receipts",
                headers: [("Content-Type", "application/json")]
                    + (signature.map { [("X-SMSFactor-Signature", $0)] } ?? []),
                body: Array(body.utf8))
        ).status
    }
}
