import HTTPServer
import PaymentModel

/// Writes requests that fit the document, and others; remembers what it was answered.
struct Client {
    let document: APIDocument
    let caller: Principal
    private var random: SeededChoice
    /// Ids by what they are of: `invoice`.
    private var ids: [String: [String]] = [:]
    private var versions: [String: String] = [:]
    private var lastKey = "first"
    private var count = 0

    private static let early = 80

    init(_ document: APIDocument, as caller: Principal, seed: UInt64, knowing ids: [String: [String]]) {
        self.document = document
        self.caller = caller
        self.ids = ids
        random = SeededChoice(seed: seed)
    }

    /// A request and whether anything of it was spoilt.
    struct Sent {
        let operation: APIDocument.Operation
        var method: String
        var target: String
        var headers: Headers
        var body: [UInt8]
        var isSpoilt = false

        var description: String {
            "\(method) \(target.prefix(300)) \(String(decoding: body.prefix(600), as: UTF8.self))"
        }
    }

    // MARK: Writing

    /// At first only what makes something, since most operations want something that is there.
    mutating func next() -> Sent {
        count += 1
        let isEarly = count <= Self.early
        let making = document.operations.filter { $0.responses["201"] != nil || $0.route.method == .put }
        let operation = random.one(of: isEarly || random.chance(1, of: 4) ? making : document.operations)
        let target = target(of: operation)
        var sent = Sent(
            operation: operation, method: operation.route.method.rawValue, target: target,
            headers: headers(of: operation, at: target), body: [])
        if let schema = operation.body {
            var value = value(of: schema, named: "")
            if !isEarly, random.chance(1, of: 2) {
                for _ in 0..<random.number(1...2) { value = value.spoilt(using: &random) }
                sent.isSpoilt = true
            }
            sent.body = Array(value.json.utf8)
        } else if !operation.contentTypes.isEmpty {
            sent.body = Array(random.one(of: Self.files).utf8)
            sent.isSpoilt = true
        }
        if !isEarly, random.chance(1, of: 5) { spoil(&sent) }
        sent.headers["Content-Length"] = sent.body.isEmpty ? nil : "\(sent.body.count)"
        return sent
    }

    private mutating func target(of operation: APIDocument.Operation) -> String {
        var path = operation.route.path
        var query: [String] = []
        for parameter in operation.parameters {
            let name = parameter["name"]?.text ?? ""
            let schema = document.resolved(parameter["schema"] ?? .null)
            switch parameter["in"]?.text {
            case "path": path = path.replacing("{\(name)}", with: plain(value(of: schema, named: name)))
            case "query" where parameter["required"] == .bool(true) || random.chance(1, of: 3):
                query.append("\(name)=\(plain(value(of: schema, named: name)))")
            default: break
            }
        }
        return query.isEmpty ? path : path + "?" + query.joined(separator: "&")
    }

    /// As it stands in a path or a query.
    private func plain(_ value: SentValue) -> String {
        let text = if case .text(let text) = value { text } else { value.json }
        return text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            return isPlain || "-._".unicodeScalars.contains(scalar)
                ? String(scalar) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private mutating func headers(of operation: APIDocument.Operation, at target: String) -> Headers {
        var headers: Headers = ["Content-Type": operation.contentTypes.first ?? "application/json"]
        for parameter in operation.parameters where parameter["in"]?.text == "header" {
            switch parameter["name"]?.text {
            case "Idempotency-Key":
                lastKey = random.chance(1, of: 12) ? lastKey : random.uuid()
                headers["Idempotency-Key"] = lastKey
            case "If-Match": headers["If-Match"] = version(of: target)
            case let name?: headers[name] = random.letters(20).filter(\.isASCII)
            case nil: break
            }
        }
        return headers
    }

    private static let files = [
        "", "a;b;c\n1;2;3\n", "\u{FEFF}nom;téléphone\nMartin;0612345678\n", "\0\0\0", "<xml",
        "<?xml version=\"1.0\"?><a/>",
        "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
        ":20:X\n:25:Y\n", "OFXHEADER:100\n<OFX>", "{}", "\"\n", String(repeating: ";", count: 5_000),
        String(repeating: "\"", count: 5_001), "from=%2B33612345678&status=1", "MessageSid=1&MessageStatus=x",
    ]

    private mutating func spoil(_ sent: inout Sent) {
        sent.isSpoilt = true
        switch random.number(0...11) {
        case 0: sent.headers["Idempotency-Key"] = nil
        case 1: sent.headers["Idempotency-Key"] = random.one(of: ["", " ", "é", String(repeating: "k", count: 256)])
        case 2:
            sent.headers["If-Match"] = random.one(of: ["", "*", "\"", "W/\"v1\"", "\"v99999999999999999999\"", "v1"])
        case 3:
            sent.headers["Content-Type"] = random.one(of: ["", "text/html", "application/json; charset=latin1", "x"])
        case 4: sent.body = Array(sent.body.prefix(sent.body.count / 2))
        case 5: sent.body = [0xC3, 0x28, 0x00] + sent.body
        case 6: sent.target += (sent.target.contains("?") ? "&" : "?") + random.one(of: Self.oddQueries)
        case 7:
            sent.target = sent.target.replacing("/v1/", with: random.one(of: ["/v1//", "/V1/", "/v1/%00", "/v1/../"]))
        case 8: sent.method = random.one(of: ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW"])
        case 9: sent.headers["traceparent"] = random.one(of: ["", "00-0-0-0", "00-" + random.letters(60)])
        case 10: sent.headers["Authorization"] = random.one(of: ["", "Bearer", "Bearer x.y.z", "Basic eDp5"])
        default: sent.headers["X-Correlation-ID"] = random.one(of: ["", "x", random.letters(5_000)])
        }
    }

    private static let oddQueries = [
        "limit=0", "limit=-1", "limit=99999999999999999999", "limit=x", "after=x", "after=%00", "unheardOf=1", "=",
        "&&",
        "limit=1&limit=2", "%ZZ=1", "q=%F0%9F%90%B6", "from=2026-13-01", "until=0000-00-00", "state=unheard-of",
    ]

    /// The version that was told last of what a path is about: `/v1/invoices/1/issue` changes `/v1/invoices/1`.
    private func version(of target: String) -> String {
        let path = target.split(separator: "?").first.map(String.init) ?? target
        let parent = path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
        return versions[path] ?? versions[parent] ?? "\"v0\""
    }

    // MARK: Remembering

    mutating func remember(_ answer: InProcessClient.Answer, to sent: Sent) {
        guard (200..<300).contains(answer.status) else { return }
        let noun = sent.operation.route.path.split(separator: "/").last { !$0.hasPrefix("{") }.map(String.init) ?? ""
        collect(answer.json, under: Self.singular(noun))
        if let version = answer.headers["ETag"] {
            let path = sent.target.split(separator: "?").first.map(String.init) ?? ""
            versions[answer.headers["Location"] ?? answer.json["id"]?.text.map { "\(path)/\($0)" } ?? path] = version
            versions[path] = version
        }
    }

    private mutating func collect(_ value: JSONValue, under noun: String) {
        switch value {
        case .array(let elements): for element in elements.prefix(10) { collect(element, under: noun) }
        case .object(let object):
            for name in object.names {
                guard let member = object[name] else { continue }
                if let text = member.text, UInt128(uuidText: text) != nil {
                    let of = name == "id" ? noun : Self.noun(of: name)
                    for of in Set([of, of.split(separator: "-").last.map(String.init) ?? of]) { learn(text, of) }
                } else if let token = member.text?.split(separator: "/p/").last, member.text?.contains("/p/") == true {
                    ids["token", default: []].append(String(token))
                } else {
                    collect(member, under: name == "items" ? noun : Self.singular(name))
                }
            }
        default: break
        }
    }

    private mutating func learn(_ id: String, _ noun: String) {
        let noun = noun.filter { $0 != "-" }
        if ids[noun, default: []].count < 50 { ids[noun, default: []].append(id) }
    }

    private static func singular(_ noun: String) -> String {
        (noun.hasSuffix("s") ? String(noun.dropLast()) : noun).lowercased()
    }

    /// `clinicID` is the id of a `clinic`.
    private static func noun(of name: String) -> String { singular(name.replacing("ID", with: "")) }
}

// MARK: Values that fit

extension Client {
    private mutating func value(of told: JSONValue, named name: String, depth: Int = 0) -> SentValue {
        let schema = document.resolved(told)
        if let known = schema["enum"]?.elements, !known.isEmpty { return SentValue(random.one(of: known)) }
        let types = schema["type"]?.text.map { [$0] } ?? (schema["type"]?.elements ?? []).compactMap(\.text)
        switch types.first(where: { $0 != "null" }) {
        case "object": return object(schema, depth)
        case "array":
            let most = min(3, Int(schema["maxItems"]?.integer ?? 3))
            let least = min(most, Int(schema["minItems"]?.integer ?? 1))
            return .list(
                (0..<random.number(least...most)).map { _ in
                    value(of: schema["items"] ?? .null, named: name, depth: depth + 1)
                })
        case "integer", "number":
            // Where only some of a range are taken, the document tells which.
            if let known = schema["examples"]?.elements, !known.isEmpty { return SentValue(random.one(of: known)) }
            let least = schema["minimum"]?.integer ?? 0
            let most = max(least, min(schema["maximum"]?.integer ?? 50_000, least + 50_000))
            return .raw("\(random.number(Int(least)...Int(most)))")
        case "boolean": return .raw(random.chance(1, of: 2) ? "true" : "false")
        case "string": return .text(text(of: schema, named: name))
        default: return .raw("1")
        }
    }

    private mutating func object(_ schema: JSONValue, _ depth: Int) -> SentValue {
        // Many members exclude each other, so often only what must be there is.
        let density = random.number(0...2)
        let required = Set((schema["required"]?.elements ?? []).compactMap(\.text))
        var members: [(name: String, value: SentValue)] = []
        for name in schema["properties"]?.members?.names ?? [] {
            guard required.contains(name) || (depth < 4 && random.chance(density, of: 4)) else { continue }
            members.append((name, value(of: schema["properties"]?[name] ?? .null, named: name, depth: depth + 1)))
        }
        return .object(members)
    }

    private mutating func text(of schema: JSONValue, named name: String) -> String {
        switch schema["format"]?.text {
        case "uuid":
            let known = ids[Self.noun(of: name)] ?? []
            return known.isEmpty || random.chance(1, of: 10) ? random.uuid() : random.one(of: known)
        case "date": return Self.isLate(name) ? "2026-12-1\(random.number(0...9))" : "2026-10-1\(random.number(0...9))"
        case "date-time": return "2026-11-1\(random.number(0...9))T10:00:00Z"
        default: break
        }
        if name == "token", let known = ids["token"] { return random.one(of: known) }
        if let example = schema["examples"]?.elements?.first?.text { return example }
        let noun = Self.singular(name)
        if noun.hasSuffix("phone") { return "+3363998\(random.number(1_000...9_999))" }
        if let known = Self.words.first(where: { noun.hasSuffix($0.key) }) { return known.value }
        if let pattern = schema["pattern"]?.text {
            return "\(pattern.contains("A-Z") ? "A" : "a")\(random.number(100...999_999))"
        }
        let least = Int(schema["minLength"]?.integer ?? 1)
        return random.letters(random.number(least...max(least, min(20, Int(schema["maxLength"]?.integer ?? 20)))))
    }

    /// Ends of periods come after their beginnings.
    private static func isLate(_ name: String) -> Bool {
        ["to", "until", "dueOn", "validUntil", "expectedOn"].contains { name.hasSuffix($0) }
    }

    /// What texts that follow a form may be, by the end of their names in small letters.
    private static let words: [(key: String, value: String)] = [
        ("currency", "EUR"), ("country", "FR"), ("siren", "732829320"), ("siret", "73282932000074"),
        ("vatnumber", "FR44732829320"), ("account", "411000"), ("colour", "#336699"),
        ("email", "ada@example.org"), ("sender", "LILAS"), ("iban", "FR7630006000011234567890189"),
        ("timezone", "Europe/Paris"), ("language", "fr"), ("marketingfrom", "10:00"), ("marketinguntil", "18:00"),
        ("time", "09:30"), ("url", "https://example.org/x"),
        ("key", "sk_test_integration_clinic"),
    ]
}
