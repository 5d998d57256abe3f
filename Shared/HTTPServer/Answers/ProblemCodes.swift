package import PaymentModel

extension Problem.Code {
    // MARK: The request could not be read

    /// The body is not JSON, or is JSON we refuse: a name twice, nested too deep.
    package static let malformedJSON = Self("malformed-json", 400, "The body is not valid JSON")
    /// The request line, the query or a header is malformed.
    package static let malformedRequest = Self("malformed-request", 400, "The request is malformed")
    /// A part of the path is not what its place in the path demands.
    package static let malformedPath = Self("malformed-path", 400, "A part of the path is malformed")
    /// The operation creates something and the header that makes a retry safe is missing.
    package static let idempotencyKeyMissing = Self("idempotency-key-missing", 400, "Idempotency-Key is missing")
    /// The header is there and not usable as a key.
    package static let idempotencyKeyMalformed = Self("idempotency-key-malformed", 400, "Idempotency-Key is malformed")
    /// The body did not arrive within the time limit.
    package static let requestTimeout = Self("request-timeout", 408, "The request took too long to arrive")
    /// The body is larger than this operation takes.
    package static let bodyTooLarge = Self("body-too-large", 413, "The body is too large")
    /// The body is of a type this operation does not read.
    package static let unsupportedMediaType = Self("unsupported-media-type", 415, "The body is of an unknown type")
    /// The headers are larger than we take.
    package static let headersTooLarge = Self("headers-too-large", 431, "The headers are too large")

    // MARK: Who is asking

    /// No valid credentials came with the request.
    package static let notAuthenticated = Self("not-authenticated", 401, "Credentials are missing or not valid")
    /// The signature of a webhook is missing, wrong or too old.
    package static let signatureInvalid = Self("signature-invalid", 401, "The signature is missing or not valid")
    /// The caller's role or scopes do not admit the operation.
    package static let notAllowed = Self("not-allowed", 403, "The caller may not do this")
    /// The caller may do this, but not for this clinic.
    package static let clinicNotAllowed = Self("clinic-not-allowed", 403, "The caller may not act for this clinic")

    // MARK: What is asked for

    /// There is no such path, or no such thing for this caller.
    package static let notFound = Self("not-found", 404, "There is nothing here")
    /// The path exists, the method does not.
    package static let methodNotAllowed = Self("method-not-allowed", 405, "The method is not allowed here")
    /// It was here and is not kept any more.
    package static let gone = Self("gone", 410, "It is not here any more")
    /// The state of the thing does not allow this now.
    package static let conflict = Self("conflict", 409, "The current state does not allow this")
    /// Another request with the same key is being worked on.
    package static let idempotencyKeyInUse = Self("idempotency-key-in-use", 409, "The same request is being worked on")
    /// The thing was changed since the caller read it.
    package static let changedSince = Self("changed-since", 412, "It was changed since it was read")
    /// Fields of the body, the query or the path were refused; `errors` names each.
    package static let invalidFields = Self("invalid-fields", 422, "Some fields were refused")
    /// The key was used before with another body.
    package static let idempotencyKeyReused = Self(
        "idempotency-key-reused", 422, "The key was used for another request")
    /// An amount that follows from the request is too large to be kept exactly.
    package static let amountOverflow = Self("amount-overflow", 422, "An amount is too large")
    /// Amounts of different currencies would have to be added.
    package static let currencyMismatch = Self("currency-mismatch", 422, "The currencies differ")
    /// The operation changes something that may have changed, so the caller must say what was read.
    package static let preconditionRequired = Self("precondition-required", 428, "If-Match is missing")

    // MARK: Not now

    /// The caller asks too often.
    package static let tooManyRequests = Self("too-many-requests", 429, "Too many requests")
    /// Something of ours failed; nothing is known about the caller being wrong.
    package static let internalError = Self("internal-error", 500, "Something failed on our side")
    /// A part we depend on can't be reached, or we are starting or stopping.
    package static let unavailable = Self("unavailable", 503, "Not available just now")
    /// As many requests are being worked on as this instance takes at once.
    package static let overloaded = Self("overloaded", 503, "Too much is being worked on")
    /// The work took longer than it may; it may or may not have been done.
    package static let tookTooLong = Self("took-too-long", 503, "It took too long")

    /// Every kind that any service may answer.
    package static let shared: [Self] = [
        .malformedJSON, .malformedRequest, .malformedPath, .idempotencyKeyMissing, .idempotencyKeyMalformed,
        .requestTimeout, .bodyTooLarge, .unsupportedMediaType, .headersTooLarge, .notAuthenticated, .signatureInvalid,
        .notAllowed, .clinicNotAllowed, .notFound, .methodNotAllowed, .gone, .conflict, .idempotencyKeyInUse,
        .changedSince,
        .invalidFields, .idempotencyKeyReused, .amountOverflow, .currencyMismatch, .preconditionRequired,
        .tooManyRequests, .internalError, .unavailable, .overloaded, .tookTooLong,
    ]
}

extension Problem {
    /// Nothing of this kind exists for this caller; what belongs to others does not exist either.
    package static func notFound(_ what: String) -> Problem {
        Problem(
            .notFound, detail: "There is no \(what) with this id.",
            remedy: "Check the id; it may be of another organisation.")
    }

    /// One field refused by a rule that needs more than the field itself.
    package static func field(_ pointer: String, reason: Sentence, remedy: Sentence) -> Problem {
        Problem(
            .invalidFields, detail: "One field was refused.", remedy: "Mend the field in errors and send it again.",
            errors: [FieldProblem(pointer: pointer, reason: reason, remedy: remedy)])
    }

    /// Several refused fields; of `count` the first ``Fields/problemsMax`` are named.
    package static func fields(_ problems: [FieldProblem], of count: Int) -> Problem {
        Problem(
            .invalidFields, detail: count == 1 ? "One field was refused." : "\(count) fields were refused.",
            remedy: "Mend every field in errors and send the request again.", errors: problems)
    }

    /// A webhook that its sender did not sign, or not with the secret that is kept here.
    package static let notSigned = Problem(
        .signatureInvalid, detail: "The signature is missing, or not made with the secret that is kept here.",
        remedy: "Have the same secret at the sender and here, and send the body as it was signed.")

    /// Not now; ask again after `seconds`.
    package static func retry(_ code: Code, after seconds: Int, detail: Sentence? = nil) -> Problem {
        Problem(
            code, detail: detail ?? "\(code.title).",
            remedy: "Try again after \(seconds) s with the same Idempotency-Key.",
            headers: ["Retry-After": "\(seconds)"])
    }
}
