import FoundationEssentials

/// How to speak to a gateway that has no adapter of its own, as a file of the operator says it (NOT-1).
///
/// `{{to}}`, `{{digits}}`, `{{text}}`, `{{sender}}`, `{{id}}`, `{{key}}`, `{{coding}}`, `{{validity}}` (for how many
/// minutes it is worth arriving) and `{{secret}}` stand for their values, escaped for the place they stand in.
package struct HTTPTemplate: Codable, Sendable {
    /// Which answers mean that the message was taken, or was not and never will be.
    package struct Answers: Codable, Sendable {
        /// HTTP statuses.
        let statuses: [Int]?
        /// Where in a JSON answer, as `/data/0/status`; absent: the status alone decides.
        let pointer: String?
        let values: [String]?
    }

    /// Where a receipt has what, in its query, its form or its JSON body.
    package struct Receipts: Codable, Sendable {
        /// Our own id and its key, for a gateway that calls an address of each message's own.
        let id: String?
        let key: String?
        /// Of the gateway's own id, as its answer had it, for one that calls one address of the account.
        let reference: String?
        let code: String
        let delivered: [String]
        let undelivered: [String]

        fileprivate var isWhole: Bool {
            reference == nil ? id != nil && key != nil : id == nil && key == nil
        }
    }

    /// Where what somebody wrote back has what: places as in receipts.
    package struct Replies: Codable, Sendable {
        let from: String
        let text: String
        /// The same for the same reply, however often it comes; absent: each is a reply of its own.
        let id: String?
    }

    /// In events and metrics.
    package let name: String
    let method: String
    package let url: String
    let headers: [String: String]?
    let contentType: String?
    let body: String?
    let taken: Answers
    let refused: Answers?
    /// Had no part of the message: another try is safe.
    let notTaken: Answers?
    /// Where the answer has the gateway's id, and what it bills.
    let referencePointer: String?
    let partsPointer: String?
    let receipts: Receipts?
    let replies: Replies?

    /// Of the gateways that have an adapter: by such a name the one would be taken for the other, and given its mails.
    private static let namesOfOthers: Set<String> = ["smsfactor", "ovhcloud", "twilio", "kannel", "smtp"]

    /// Nil for a file that is no such description, also where it has a key that none has, which may be misspelt, or
    /// another gateway's name.
    package init?(json: [UInt8]) {
        guard let read = try? JSONDecoder().decode(HTTPTemplate.self, from: Data(json)),
            let written = try? JSONEncoder().encode(read),
            JSONPlace.names(in: json).isSubset(of: JSONPlace.names(in: Array(written))),
            !Self.namesOfOthers.contains(read.name),
            ["GET", "POST", "PUT"].contains(read.method), read.body == nil || read.method != "GET",
            read.receipts?.isWhole != false,
            // Nobody would know whose such a receipt is.
            read.receipts?.reference == nil || read.referencePointer != nil
        else { return nil }
        self = read
    }
}

/// What stands for the placeholders of one message.
struct TemplateFill {
    let values: [String: String]

    /// Puts the values in, each made safe for its place; what stands in a value is never filled in itself.
    func filled(_ text: String, _ escape: (String) -> String) -> String {
        var (filled, rest) = ("", text[...])
        while let opening = rest.firstRange(of: "{{") {
            filled += rest[..<opening.lowerBound]
            let inner = rest[opening.upperBound...]
            if let closing = inner.firstRange(of: "}}"), let value = values[String(inner[..<closing.lowerBound])] {
                filled += escape(value)
                rest = inner[closing.upperBound...]
            } else {
                filled += rest[opening]
                rest = inner
            }
        }
        return filled + rest
    }

    /// How values are made safe in a body of this type.
    static func escaping(for contentType: String) -> (String) -> String {
        if contentType.contains("json") { return Escaping.json }
        if contentType.contains("xml") { return Escaping.markup }
        if contentType.contains("x-www-form-urlencoded") { return Escaping.percent }
        return { $0 }
    }
}

/// A value somewhere in a JSON text.
enum JSONPlace {
    /// The text, number or boolean at an RFC 6901 pointer; nil when there is none.
    static func text(at pointer: String, in body: [UInt8]) -> String? {
        guard var value = try? JSONDecoder().decode(AnyJSON.self, from: Data(body)) else { return nil }
        for step in pointer.split(separator: "/") {
            switch value {
            case .object(let members):
                // A slash in a name is written ~1, and a tilde ~0.
                let name = step.replacing("~1", with: "/").replacing("~0", with: "~")
                guard let member = members[String(name)] else { return nil }
                value = member
            case .list(let elements):
                guard let index = Int(step), elements.indices.contains(index) else { return nil }
                value = elements[index]
            case .text, .null: return nil
            }
        }
        guard case .text(let text) = value else { return nil }
        return text
    }

    /// Every name in a JSON text with those above it, but for those that stand for nothing.
    static func names(in text: [UInt8]) -> Set<[String]> {
        (try? JSONDecoder().decode(AnyJSON.self, from: Data(text)))?.names(below: []) ?? []
    }

    /// Any JSON, with numbers and booleans as their texts.
    private enum AnyJSON: Decodable {
        case object([String: AnyJSON])
        case list([AnyJSON])
        case text(String)
        case null

        func names(below path: [String]) -> Set<[String]> {
            switch self {
            case .object(let members):
                members.reduce(into: []) { names, member in
                    guard case .null = member.value else {
                        names.formUnion(member.value.names(below: path + [member.key]))
                        names.insert(path + [member.key])
                        return
                    }
                }
            case .list(let elements): Set(elements.flatMap { $0.names(below: path) })
            case .text, .null: []
            }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let truth = try? container.decode(Bool.self) {
                self = .text("\(truth)")
            } else if let number = try? container.decode(Int64.self) {
                self = .text("\(number)")
            } else if let number = try? container.decode(UInt64.self) {
                // An id of twenty digits: as a fraction it would be another's.
                self = .text("\(number)")
            } else if let number = try? container.decode(Double.self) {
                self = .text("\(number)")
            } else if let elements = try? container.decode([AnyJSON].self) {
                self = .list(elements)
            } else {
                self = .object(try container.decode([String: AnyJSON].self))
            }
        }
    }
}
