package import PaymentModel
package import PostgresClient

/// The change was made, and what it gave back told of a person whom nobody may know any more.
package struct AnswerErased: Error, Hashable, Sendable {
    /// The key that was sent again.
    package let key: String
}

/// Answers to requests that told of a person who was erased; the requests stay known, so that none is made twice.
package struct ErasedAnswers {
    /// Stands in an answer's place; it is no JSON, so no answer is it.
    static let mark = "erased"

    /// Whose causes they are.
    private let scopes: [String]

    /// Those of an organisation; also of jobs that answer a request in parts.
    package init(of organisation: OrganisationID, jobs: [String] = []) {
        scopes = ["request:\(organisation)"] + jobs.map { "job:\(organisation):\($0)" }
    }

    /// How many answers have one of the texts in them.
    package func count(naming texts: [String], in transaction: inout PostgresTransaction) throws -> Int64 {
        try transaction.one("SELECT count(*) AS count FROM cause WHERE \(condition(texts))") { row in
            try row("count")
        }
    }

    /// Erases them.
    package func erase(naming texts: [String], in change: inout Change) throws {
        change.executeLater("UPDATE cause SET answer = \(Self.mark) WHERE \(condition(texts))")
    }

    private func condition(_ texts: [String]) -> SQL {
        """
        scope = ANY(\(scopes)) AND answer <> \(Self.mark)
            AND EXISTS (SELECT FROM unnest(\(texts)::text[]) AS named WHERE strpos(answer, named) > 0)
        """
    }
}
