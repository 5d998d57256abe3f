import NotificationChannels
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A receipt as it is kept.
struct ReceiptRecord: Codable, Hashable, Sendable {
    let gateway: String
    let code: String
    /// Nil: it decides nothing.
    let verdict: String?

    init(gateway: String, code: String, verdict: GatewayReceipt.Verdict?) {
        self.gateway = gateway
        self.code = code
        self.verdict = verdict?.rawValue
    }
}

/// Receipts as gateways sent them.
struct ReceiptStore {
    /// How long a receipt waits for the answer that says whose it is; calls take seconds.
    static let orphanDays = 7

    func keep(_ receipt: ReceiptRecord, of message: MessageID, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO delivery_receipt (message, gateway, code, verdict)
            VALUES (\(message), \(receipt.gateway), \(receipt.code), \(receipt.verdict))
            ON CONFLICT ON CONSTRAINT delivery_receipt_once DO NOTHING
            """)
    }

    /// What came before the answer of the call (C-14).
    func all(of message: MessageID, in change: inout Change) throws -> [ReceiptRecord] {
        try change.query(
            """
            SELECT gateway, code, verdict FROM delivery_receipt WHERE message = \(message) ORDER BY received_at
            """, read)
    }

    /// The message a gateway gave this reference; the receipt is kept for later when there is none yet.
    func owner(
        of receipt: ReceiptRecord, _ reference: String, in transaction: inout PostgresTransaction
    ) throws -> WaitingMessage? {
        try lock(receipt.gateway, reference, in: &transaction)
        let owner = try transaction.first(
            """
            SELECT id, organisation FROM message
            WHERE gateway = \(receipt.gateway) AND gateway_reference = \(reference)
            """
        ) { row in WaitingMessage(id: try row("id"), organisation: try row("organisation")) }
        guard owner == nil else { return owner }
        transaction.executeLater(
            """
            INSERT INTO orphan_receipt (gateway, reference, code, verdict)
            VALUES (\(receipt.gateway), \(reference), \(receipt.code), \(receipt.verdict))
            ON CONFLICT ON CONSTRAINT orphan_receipt_once DO NOTHING
            """)
        return nil
    }

    /// Takes in what came under a reference before anybody knew whose it is.
    func adopt(_ reference: String, of gateway: String, for message: MessageID, in change: inout Change) throws {
        try lock(gateway, reference, in: &change.transaction)
        let orphans = try change.query(
            """
            DELETE FROM orphan_receipt WHERE gateway = \(gateway) AND reference = \(reference)
            RETURNING gateway, code, verdict
            """, read)
        for orphan in orphans { try keep(orphan, of: message, in: &change) }
    }

    /// Those whose message is not ours.
    func forgetOrphans(_ transaction: inout PostgresTransaction) throws {
        transaction.executeLater(
            "DELETE FROM orphan_receipt WHERE received_at < now() - \(Int64(Self.orphanDays)) * interval '1 day'")
    }

    /// The answer and the receipt of one call come to different processes: one of them must see the other.
    private func lock(_ gateway: String, _ reference: String, in transaction: inout PostgresTransaction) throws {
        let name = "\(gateway)/\(reference)"
        transaction.executeLater("SELECT pg_advisory_xact_lock(hashtextextended(\(name), 0))")
    }

    private func read(_ row: Row) throws -> ReceiptRecord {
        let verdict: String? = try row("verdict")
        return ReceiptRecord(
            gateway: try row("gateway"), code: try row("code"),
            verdict: verdict.flatMap(GatewayReceipt.Verdict.init(rawValue:)))
    }
}
