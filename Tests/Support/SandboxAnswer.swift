import Foundation
import HTTPClient

/// An answer of the sandbox, easy to look into.
package struct SandboxAnswer: Sendable {
    /// Such as 200.
    package let status: Int
    /// The body as it came.
    package let text: String
    private let response: HTTPResponse

    init(_ response: HTTPResponse) {
        self.response = response
        status = response.status
        text = String(decoding: response.body, as: UTF8.self)
    }

    /// The body as JSON; `.null` when it is none.
    package var json: SandboxJSON {
        // A body that is not JSON is what some tests look for; they read `text`.
        (try? JSONDecoder().decode(SandboxJSON.self, from: Data(response.body))) ?? .null
    }

    /// A header's value.
    package func header(_ name: String) -> String? { response.header(name) }

    /// How long the client is asked to wait.
    package var retryAfter: Duration? { response.retryAfter }
}

/// Any JSON value, for looking into answers whose shape is the test's subject.
package enum SandboxJSON: Sendable, Equatable, Decodable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([SandboxJSON])
    case object([String: SandboxJSON])

    /// Tries one shape after the other.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([SandboxJSON].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: SandboxJSON].self))
        }
    }

    /// A member, `.null` when there is none.
    package subscript(key: String) -> SandboxJSON {
        guard case .object(let members) = self else { return .null }
        return members[key] ?? .null
    }

    /// An element, `.null` when there is none.
    package subscript(index: Int) -> SandboxJSON { list.indices.contains(index) ? list[index] : .null }

    /// The elements, none when it is no list.
    package var list: [SandboxJSON] {
        guard case .list(let values) = self else { return [] }
        return values
    }

    /// The text, empty when it is none.
    package var string: String {
        guard case .text(let value) = self else { return "" }
        return value
    }

    /// The number, when it is one.
    package var int: Int? {
        guard case .integer(let value) = self else { return nil }
        return value
    }
}

extension SandboxJSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// For comparisons with a literal.
    package init(stringLiteral value: String) { self = .text(value) }

    /// For comparisons with a literal.
    package init(integerLiteral value: Int) { self = .integer(value) }

    /// For comparisons with a literal.
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}
