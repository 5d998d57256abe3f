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
            ON CONFLICT ON CONSTRAINT delivery_receipt_once DO UPDATE SET received_at = EXCLUDED.received_at
            """)
    }

    /// What came before the answer of the call (C-14).
    ///
    /// What came before that call is of an earlier try: it may have delivered the message, but did not lose this one.
    func ofLastTry(of message: MessageID, in change: inout Change) throws -> [ReceiptRecord] {
        try change.query(
            """
            SELECT receipt.gateway, code, verdict
            FROM delivery_receipt AS receipt JOIN message ON message.id = receipt.message
            WHERE message.id = \(message)
                AND (verdict = \(GatewayReceipt.Verdict.delivered.rawValue) OR received_at >= claimed_at)
            ORDER BY received_at
            """, read)
    }

    /// The message a gateway gave this reference; the receipt is kept for later when there is none yet.
    func owner(
        of receipt: ReceiptRecord, _ reference: String, in transaction: inout PostgresTransaction
    ) throws -> MessageID? {
        try lock(receipt.gateway, reference, in: &transaction)
        let owner = try transaction.first(
            "SELECT id FROM message WHERE gateway = \(receipt.gateway) AND gateway_reference = \(reference)"
        ) { row in try row("id") as MessageID }
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
        change.executeLater(
            """
            WITH orphan AS (
                DELETE FROM orphan_receipt WHERE gateway = \(gateway) AND reference = \(reference)
                RETURNING gateway, code, verdict, received_at)
            INSERT INTO delivery_receipt (message, gateway, code, verdict, received_at)
            SELECT \(message), gateway, code, verdict, received_at FROM orphan
            ON CONFLICT ON CONSTRAINT delivery_receipt_once DO UPDATE SET received_at = EXCLUDED.received_at
            """)
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
