package import PaymentModel

/// A refusal that tells its reader what was wrong, where, and what to do (RFC 9457).
///
/// Throwing one anywhere below a route answers it as `application/problem+json`.
package struct Problem: Error, Sendable, Equatable {
    /// Which problem it is; clients decide by this and never by the words.
    package let code: Code

    /// What happened this time.
    package var detail: Sentence

    /// What the caller can do about it.
    package var remedy: Sentence

    /// Every field that was refused, so that one round mends them all.
    package var errors: [FieldProblem]

    /// Headers that belong to this answer, such as `Retry-After`.
    package var headers: Headers

    /// A problem of a known kind.
    package init(
        _ code: Code, detail: Sentence, remedy: Sentence, errors: [FieldProblem] = [],
        headers: Headers = Headers()
    ) {
        self.code = code
        self.detail = detail
        self.remedy = remedy
        self.errors = errors
        self.headers = headers
    }

    /// Which status it is answered with.
    package var status: Status { code.status }
}

/// One field that was refused.
package struct FieldProblem: Sendable, Hashable {
    /// JSON pointer of the field in the body, `?name` for a query parameter, `{name}` for a part of the path.
    package let pointer: String

    /// What is wrong with it.
    package let reason: Sentence

    /// What would be right.
    package let remedy: Sentence

    /// A refused field.
    package init(pointer: String, reason: Sentence, remedy: Sentence) {
        self.pointer = pointer
        self.reason = reason
        self.remedy = remedy
    }
}

extension Problem {
    /// A kind of problem: its stable name, its status and its title.
    ///
    /// The shared ones are listed in `ProblemCodes.swift`; a service adds its own in an extension of this type.
    package struct Code: Hashable, Sendable {
        /// Last part of the problem's `type`; never changed once published.
        package let name: String

        /// Status it is answered with.
        package let status: Status

        /// The kind of problem in a few words, the same every time.
        package let title: String

        /// A kind of problem.
        package init(_ name: String, _ status: Status, _ title: String) {
            self.name = name
            self.status = status
            self.title = title
        }

        /// The `type` of the problem: a URI that identifies it.
        package var type: String { Self.base + name }

        /// What every problem's `type` starts with.
        package static let base = "https://quittance.example/problems/"
    }
}

extension Problem {
    /// What is sent, in the order people read it.
    struct Body: Encodable {
        let type: String
        let title: String
        let status: Int
        let detail: String
        let remedy: String
        let errors: [Field]?
        let traceId: String?

        struct Field: Encodable {
            let pointer: String
            let reason: String
            let remedy: String
        }
    }

    /// The body of the answer, in the reader's language.
    func body(traceID: String?, in language: Language, _ phrases: Phrasebook) -> Body {
        func text(_ sentence: Sentence) -> String { phrases.text(of: sentence, in: language) }
        let fields = errors.map { error in
            Body.Field(pointer: error.pointer, reason: text(error.reason), remedy: text(error.remedy))
        }
        return Body(
            type: code.type, title: text(Sentence(code.title)), status: code.status.code, detail: text(detail),
            remedy: text(remedy), errors: fields.isEmpty ? nil : fields, traceId: traceID)
    }
}
