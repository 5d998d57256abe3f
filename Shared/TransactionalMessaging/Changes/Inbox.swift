import EventContract
import FoundationEssentials
import PaymentModel
package import PostgresClient

/// The unique row of a cause.
enum Inbox {
    /// The two parts of the row's key.
    static func key(of cause: Cause) -> (scope: String, key: String) {
        switch cause.kind {
        case .message(let event, let consumer): (scope(ofConsumer: consumer), event.description)
        case .request(let key, _): ("request:\(cause.organisation)", key)
        case .job(let name, let run): (scope(ofJob: name, for: cause.organisation), run)
        case .step(let name, let id): (scope(ofJob: name, for: cause.organisation), id.description)
        }
    }

    private static func scope(ofJob name: String, for organisation: OrganisationID) -> String {
        "job:\(organisation):\(name)"
    }

    static func scope(ofConsumer group: String) -> String { "message:\(group)" }

    /// Records the cause unless it is there; waits for a transaction that is recording the same one.
    ///
    /// False when the change has been made before. A step is hardly ever repeated, so it is not asked about: its row
    /// travels with the first statement of its change, and fails it when it is there.
    static func record(_ cause: Cause, in transaction: inout PostgresTransaction) throws -> Bool {
        guard !cause.isStep else {
            transaction.executeLater(insertion(of: cause))
            return true
        }
        return try transaction.execute("\(insertion(of: cause)) ON CONFLICT DO NOTHING") == 1
    }

    private static func insertion(of cause: Cause) -> SQL {
        let (scope, key) = key(of: cause)
        var fingerprint: [UInt8]?
        if case .request(_, let bytes) = cause.kind { fingerprint = bytes }
        return """
            INSERT INTO cause (scope, key, organisation, actor, fingerprint, correlation)
            VALUES (\(scope), \(key), \(cause.organisation), \(cause.actor), \(fingerprint), \(cause.correlation))
            """
    }

    /// Whether a change failed because the step it is had been made before.
    static func isRepetition(of cause: Cause, _ error: PostgresError) -> Bool {
        cause.isStep && error.isUniqueViolation(of: "cause_once")
    }

    /// The answer of the first time; nil when the change was not made before.
    static func answer<Answer: Decodable>(
        to cause: Cause, as type: Answer.Type, in transaction: inout PostgresTransaction
    ) throws -> Answer? {
        try transaction.read(cause.firstAnswer(as: type))
    }

    /// The answer of the last of all steps of a name; nil when none is remembered.
    static func lastAnswer<Answer: Decodable>(
        toSteps name: String, for organisation: OrganisationID, as type: Answer.Type,
        in transaction: inout PostgresTransaction
    ) throws -> Answer? {
        let scope = scope(ofJob: name, for: organisation)
        return try transaction.first(
            "SELECT answer FROM cause WHERE scope = \(scope) ORDER BY occurred_at DESC LIMIT 1"
        ) { row in try row.json("answer", as: type) }
    }

    /// Keeps the answer for those who ask again; nil when there is nothing to keep.
    static func keep(_ answer: some Encodable, of cause: Cause) throws -> SQL? {
        guard !(answer is NoAnswer) else { return nil }
        let (scope, key) = key(of: cause)
        let text = try PostgresJSON.of(answer).text
        return "UPDATE cause SET answer = \(text) WHERE scope = \(scope) AND key = \(key)"
    }
}

extension Cause {
    fileprivate var isStep: Bool { if case .step = kind { true } else { false } }

    /// The first answer to this cause; nil when it is new.
    ///
    /// A request that asks others before it changes anything MUST look here first: its repetition has its answer,
    /// whatever the others would say now.
    package func firstAnswer<Answer: Decodable>(as type: Answer.Type = Answer.self) -> Query<Answer?> {
        let (scope, key) = Inbox.key(of: self)
        return .first("SELECT fingerprint, answer FROM cause WHERE scope = \(scope) AND key = \(key)") { row in
            let (fingerprint, answer): ([UInt8]?, String?) = (try row("fingerprint"), try row("answer"))
            if case .request(_, let bytes) = kind, bytes != fingerprint { throw CauseConflict(key: key) }
            if answer == ErasedAnswers.mark { throw AnswerErased(key: key) }
            return try JSONDecoder().decode(type, from: Data((answer ?? "{}").utf8))
        }
    }
}
