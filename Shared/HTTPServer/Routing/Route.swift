import PaymentModel

/// The methods our routes use.
package enum HTTPMethod: String, Sendable, Hashable, CaseIterable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
}

/// Whether a request must say how its retry is recognised.
package enum IdempotencyRule: Sendable, Hashable {
    /// The header is read when it is there.
    case optional
    /// Without the header the request is refused: it creates something, and a retry would create it twice.
    case required
}

/// One operation of an API.
package struct Route: Sendable {
    /// What does the work.
    package typealias Handler = @Sendable (Request) async throws -> Response

    /// The method.
    package let method: HTTPMethod

    /// The path with its parameters in braces: `/v1/invoices/{invoiceID}/issue`.
    package let path: String

    /// The operation's name in OpenAPI, logs and metrics.
    package let operation: String

    /// Who may call it.
    package let access: Access

    /// Whether an `Idempotency-Key` must come with it.
    package let idempotency: IdempotencyRule

    /// How large its body may be, in bytes; nil for the server's default.
    package let bodyBytesMax: Int?

    /// Whether the body is handed over as it arrives, for files that are too large to be held in memory.
    package let readsUpload: Bool

    /// How long it may take; nil for the server's default.
    package let timeMax: Duration?

    let handle: Handler

    /// The steps of the path.
    let steps: [Step]

    /// An operation.
    package init(
        _ method: HTTPMethod, _ path: String, operation: String, access: Access,
        idempotency: IdempotencyRule = .optional, bodyBytesMax: Int? = nil, readsUpload: Bool = false,
        timeMax: Duration? = nil, _ handle: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.operation = operation
        self.access = access
        self.idempotency = idempotency
        self.bodyBytesMax = bodyBytesMax
        self.readsUpload = readsUpload
        self.timeMax = timeMax
        self.handle = handle
        steps = path.split(separator: "/").map { part in
            part.hasPrefix("{") && part.hasSuffix("}")
                ? .parameter(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
    }

    /// The same for those only who act for all clinics: what it shows or changes is no single clinic's.
    package var forAllClinics: Route {
        Route(
            method, path, operation: operation, access: access, idempotency: idempotency, bodyBytesMax: bodyBytesMax,
            readsUpload: readsUpload, timeMax: timeMax
        ) { [handle] request in
            guard try request.principal.clinics == .all else {
                throw Problem(
                    .clinicNotAllowed, detail: "This is for those who act for all clinics of the organisation.",
                    remedy: "Use a token that acts for all of them.")
            }
            return try await handle(request)
        }
    }

    enum Step: Hashable {
        case literal(String)
        case parameter(String)
    }
}
