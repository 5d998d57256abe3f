package import Logging
package import Observability
package import PaymentModel

/// A request that was routed, authenticated and read within its limits.
package struct Request: Sendable {
    /// The operation that was asked for.
    package let operation: String

    /// The method.
    package let method: HTTPMethod

    /// The path's template, safe to log.
    package let route: String

    /// The headers.
    package let headers: Headers

    /// The body's bytes; a webhook's signature is over exactly these.
    package let body: [UInt8]

    /// The caller's part of a trace, or one that begins here.
    package let trace: TraceContext

    /// What follows this work through all services; the caller's when it gave one.
    package let correlation: CorrelationID

    /// The id of this request alone.
    package let id: UInt128

    /// Logs with the ids of this request on each line.
    package let logger: Logger

    /// Who reads the answer, as `Accept-Language` says.
    package let reader: Reader

    /// The body as it arrives, on routes that read theirs so; then `body` is empty.
    package var upload: Upload?

    let givenKey: IdempotencyKey?
    let caller: Principal?
    let parameters: [String: String]
    let target: RequestTarget

    /// The key that makes a retry of this request recognised, when the caller gave one; of a body that is read as it
    /// arrives, only once it was.
    package var idempotencyKey: IdempotencyKey? {
        guard let givenKey, let upload else { return givenKey }
        return IdempotencyKey(text: givenKey.text, fingerprint: upload.fingerprint)
    }

    /// Who is asking; on a route without authentication there is nobody.
    package var principal: Principal {
        get throws(Problem) {
            guard let caller else {
                throw Problem(
                    .notAuthenticated, detail: "This operation needs a caller.",
                    remedy: "Send Authorization: Bearer with a token.")
            }
            return caller
        }
    }

    /// The organisation of the caller, which bounds everything it may reach.
    package var organisation: OrganisationID {
        get throws(Problem) { try principal.organisation }
    }

    /// The header to send on to others.
    package var traceparent: String { trace.traceparent }
}

// MARK: Path, query, body

extension Request {
    /// An id in the path.
    package func path<ID: Identifier>(_ name: String, of type: ID.Type = ID.self) throws(Problem) -> ID {
        let text = try pathText(name)
        guard let id = ID(text) else {
            throw Problem(
                .malformedPath, detail: "The part {\(name)} of the path is not an id.", remedy: Reading.idRemedy,
                errors: [FieldProblem(pointer: "{\(name)}", reason: "It is not a UUID.", remedy: Reading.idRemedy)])
        }
        return id
    }

    /// A text in the path.
    package func pathText(_ name: String, max: Int = 200) throws(Problem) -> String {
        guard let text = parameters[name] else { preconditionFailure("\(route) has no parameter \(name)") }
        guard text.count <= max else {
            throw Problem(
                .malformedPath, detail: "The part {\(name)} of the path has more than \(max) characters.",
                remedy: "Check the address.")
        }
        return text
    }

    /// The body as text, for files.
    package func text() throws(Problem) -> String {
        guard let text = String(validating: body, as: UTF8.self) else {
            throw Problem(
                .unsupportedMediaType, detail: "The file is not a text in UTF-8.", remedy: "Export it as UTF-8.")
        }
        return text
    }

    /// The query's parameters, each a text; numbers and booleans are read from it.
    package func query() -> Fields { Fields(target.query, source: .query) }

    /// The fields of the JSON body.
    package func fields() throws(Problem) -> Fields {
        Fields(try JSONRequestBody.object(body, contentType: headers["Content-Type"]))
    }

    /// Reads the JSON body with `read` and refuses it as a whole when anything in it is wrong.
    ///
    /// What `read` makes of the fields only leaves when every field was right, stand-ins therefore never do.
    package func read<Value>(_ read: (Fields) throws -> Value) throws -> Value {
        let fields = try fields()
        return try Self.finish(fields, read)
    }

    /// Reads the query with `read` and refuses it as a whole when anything in it is wrong.
    package func readQuery<Value>(_ read: (Fields) throws -> Value) throws -> Value {
        try Self.finish(query(), read)
    }

    /// Reads all parts of the path with `read` and refuses them as fields, for those that are kept as fields are.
    package func readPath<Value>(_ read: (Fields) throws -> Value) throws -> Value {
        let parts = parameters.map { ($0.key, JSONValue.string($0.value)) }
        return try Self.finish(Fields(JSONObject(parts), source: .path), read)
    }

    private static func finish<Value>(_ fields: Fields, _ read: (Fields) throws -> Value) throws -> Value {
        let value: Value
        do {
            value = try read(fields)
        } catch {
            // A stand-in may be what made `read` fail; the refused field is the better answer.
            if !fields.isValid { try fields.finish() }
            throw error
        }
        try fields.finish()
        return value
    }
}

/// The body of a request as a JSON object.
enum JSONRequestBody {
    static func object(_ body: [UInt8], contentType: String?) throws(Problem) -> JSONObject {
        try check(contentType)
        guard !body.isEmpty else {
            throw Problem(.malformedJSON, detail: "The body is empty.", remedy: "Send a JSON object.")
        }
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONParser.parse(body)
        } catch {
            throw Problem(
                .malformedJSON, detail: "At byte \(error.offset): \(error.reason).",
                remedy: "Send one JSON object in UTF-8.",
                errors: [
                    FieldProblem(
                        pointer: "", reason: "At byte \(error.offset): \(error.reason).", remedy: "Mend the JSON text.")
                ])
        }
        guard case .object(let object) = value else {
            throw Problem(.malformedJSON, detail: "The body is \(value.kind).", remedy: "Send a JSON object.")
        }
        return object
    }

    private static func check(_ contentType: String?) throws(Problem) {
        let type = contentType?.split(separator: ";").first.map { $0.lowercased().filter { !$0.isWhitespace } }
        guard type == "application/json" else {
            throw Problem(
                .unsupportedMediaType,
                detail: "The body is \(contentType.map { "\"\($0.prefix(80))\"" } ?? "of no type").",
                remedy: "Send it as application/json.", headers: ["Accept": "application/json"])
        }
    }
}
