import EventContract
import FoundationEssentials
import PaymentModel
import PostgresClient

/// The unique row of a cause.
enum Inbox {
    /// The two parts of the row's key.
    static func key(of cause: Cause) -> (scope: String, key: String) {
        switch cause.kind {
        case .message(let event, let consumer): (scope(ofConsumer: consumer), event.description)
        case .request(let key, _): ("request:\(cause.organisation)", key)
        case .job(let name, let run): ("job:\(cause.organisation):\(name)", run)
        case .step(let name, let id): ("job:\(cause.organisation):\(name)", id.description)
        }
    }

    static func scope(ofConsumer group: String) -> String { "message:\(group)" }

    /// Records the cause unless it is there; waits for a transaction that is recording the same one.
    ///
    /// False when the change has been made before.
    static func record(_ cause: Cause, in transaction: inout PostgresTransaction) throws -> Bool {
        let (scope, key) = key(of: cause)
        var fingerprint: [UInt8]?
        if case .request(_, let bytes) = cause.kind { fingerprint = bytes }
        return try transaction.execute(
            """
            INSERT INTO cause (scope, key, organisation, actor, fingerprint, correlation)
            VALUES (\(scope), \(key), \(cause.organisation), \(cause.actor), \(fingerprint), \(cause.correlation))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    /// The answer of the first time; nil when the change was not made before.
    static func answer<Answer: Decodable>(
        to cause: Cause, as type: Answer.Type, in transaction: inout PostgresTransaction
    ) throws -> Answer? {
        let (scope, key) = key(of: cause)
        let known: ([UInt8]?, String?)? = try transaction.first(
            "SELECT fingerprint, answer FROM cause WHERE scope = \(scope) AND key = \(key)"
        ) { row in (try row("fingerprint"), try row("answer")) }
        guard let (fingerprint, answer) = known else { return nil }
        if case .request(_, let bytes) = cause.kind, bytes != fingerprint { throw CauseConflict(key: key) }
        return try JSONDecoder().decode(type, from: Data((answer ?? "{}").utf8))
    }

    /// Keeps the answer for those who ask again; nil when there is nothing to keep.
    static func keep(_ answer: some Encodable, of cause: Cause) throws -> SQL? {
        guard !(answer is NoAnswer) else { return nil }
        let (scope, key) = key(of: cause)
        let text = String(decoding: try JSONEncoder().encode(answer), as: UTF8.self)
        return "UPDATE cause SET answer = \(text) WHERE scope = \(scope) AND key = \(key)"
    }
}
