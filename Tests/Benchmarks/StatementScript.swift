import Foundation
import TestSupport

/// What a service sent to PostgreSQL, taken from the server's log, as a script of pgbench that sends the same.
///
/// What a repetition must not repeat becomes a variable: ids, numbers of documents, keys of requests. The client is one
/// of those whose ids are their numbers.
struct StatementScript {
    private let statements: [Statement]
    /// Ids that are the same in every repetition.
    private let fixed: Set<String>
    private let client: String

    private struct Statement {
        /// Of the server, one for each connection.
        let process: String
        var text: String
        var parameters: [String?] = []
    }

    init(log: String, fixed: Set<String>, client: String) {
        var found: [Statement] = []
        var isOpen = false
        for line in log.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if let text = Self.statement(in: line) {
                found.append(Statement(process: Self.process(in: line), text: text))
                isOpen = true
            } else if line.hasPrefix("\t"), isOpen, !found.isEmpty {
                found[found.count - 1].text += "\n" + line
            } else if let range = line.range(of: "DETAIL:  parameters: "), !found.isEmpty {
                found[found.count - 1].parameters = Self.parameters(String(line[range.upperBound...]))
                isOpen = false
            } else {
                isOpen = false
            }
        }
        statements = Self.transactions(found)
        self.fixed = fixed
        self.client = client
    }

    var count: Int { statements.count }

    func text(clients: Int) -> String {
        var names: [String: String] = [:]
        let body = statements.map { statement in filled(statement, &names) + ";" }
        let sets = names.values.sorted().map { "\\set \($0) random(1, 9000000000000000000)" }
        return (["\\set c random(1, \(clients))", "\\set k random(1, 9000000000000000000)"] + sets + body)
            .joined(separator: "\n") + "\n"
    }

    // MARK: Reading the log

    /// One after the other, in the order of their ends: what another connection said in between is moved behind.
    private static func transactions(_ found: [Statement]) -> [Statement] {
        var open: [String: [Statement]] = [:]
        var ended: [Statement] = []
        for statement in found {
            open[statement.process, default: []].append(statement)
            guard statement.text.hasPrefix("COMMIT") else { continue }
            ended += open.removeValue(forKey: statement.process) ?? []
        }
        return ended
    }

    private static func process(in line: String) -> String {
        String(line.drop { $0 != "[" }.dropFirst().prefix { $0 != "]" })
    }

    private static func statement(in line: String) -> String? {
        guard let range = line.range(of: "LOG:  ") else { return nil }
        let rest = line[range.upperBound...]
        if rest.hasPrefix("statement: ") { return String(rest.dropFirst("statement: ".count)) }
        guard rest.hasPrefix("execute "), let colon = rest.range(of: ": ") else { return nil }
        return String(rest[colon.upperBound...])
    }

    /// `$1 = 'a', $2 = NULL` by their numbers; quotes within are doubled.
    private static func parameters(_ text: String) -> [String?] {
        var values: [String?] = []
        var rest = Substring(text)
        while let equals = rest.range(of: " = ") {
            rest = rest[equals.upperBound...]
            guard rest.first == "'" else {
                values.append(nil)
                rest = rest.dropFirst(4)
                continue
            }
            var value = ""
            rest = rest.dropFirst()
            while let character = rest.first {
                rest = rest.dropFirst()
                if character == "'" {
                    guard rest.first == "'" else { break }
                    rest = rest.dropFirst()
                }
                value.append(character)
            }
            values.append(value)
        }
        return values
    }

    // MARK: Writing the script

    /// From the last parameter on, so that `$1` is not taken for the beginning of `$12`.
    private func filled(_ statement: Statement, _ names: inout [String: String]) -> String {
        var text = statement.text
        // Functions of texts are not found for an id or a number.
        let isPlain = text.contains("pg_notify(") || text.contains("set_config(")
        for (index, value) in statement.parameters.enumerated().reversed() {
            let place = "$\(index + 1)"
            let isCast = isPlain || text.contains(place + "::")
            text = text.replacingOccurrences(
                of: place, with: isCast && value != nil ? cast(value ?? "", &names) : literal(value, &names))
        }
        // A colon that is no cast would be a variable to pgbench.
        return text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
    }

    /// What the statement itself says the type of; only ids in it are of this repetition.
    private func cast(_ value: String, _ names: inout [String: String]) -> String {
        if fixed.contains(value) { return "'\(value)'" }
        if let id = identifier(value, &names) { return id }
        if value.hasPrefix("{"), UUID(uuidString: String(value.dropFirst().prefix(36))) != nil,
            let list = array(value, &names)
        {
            return list
        }
        return quoted(value)
    }

    private func literal(_ value: String?, _ names: inout [String: String]) -> String {
        guard let value else { return "NULL" }
        if let id = identifier(value, &names) { return id }
        if value.hasPrefix("{"), value.hasSuffix("}"), let list = array(value, &names) { return list }
        if value.range(of: "^-?[0-9]{1,18}$", options: .regularExpression) != nil { return value }
        if value.range(of: "^[FRA]-[A-Z0-9]+-[0-9]{4}-[0-9]{6}$", options: .regularExpression) != nil {
            return "('\(value.prefix(1))-' || :k)"
        }
        if value.contains("bench-") {
            let name = names[value] ?? "u\(names.count + 1)"
            names[value] = name
            return "('bench ' || :\(name))"
        }
        return quoted(value)
    }

    private func identifier(_ value: String, _ names: inout [String: String]) -> String? {
        guard UUID(uuidString: value) != nil else { return nil }
        if value == client { return "lpad(to_hex(:c::bigint), 32, '0')::uuid" }
        if fixed.contains(value) { return "'\(value)'::uuid" }
        let name = names[value] ?? "u\(names.count + 1)"
        names[value] = name
        return "lpad(to_hex(:\(name)::bigint), 32, '0')::uuid"
    }

    /// Nil for what only looks like a list, such as JSON.
    private func array(_ value: String, _ names: inout [String: String]) -> String? {
        guard !value.contains(":"), !value.contains("\"") || value.hasPrefix("{\"") else { return nil }
        let parts = value.dropFirst().dropLast().split(separator: ",").map(String.init)
        guard let first = parts.first else { return "'{}'" }
        if UUID(uuidString: first) != nil {
            return "ARRAY[\(parts.compactMap { identifier($0, &names) }.joined(separator: ", "))]::uuid[]"
        }
        if parts.allSatisfy({ Int64($0) != nil }) { return "'\(value)'::bigint[]" }
        return "\(quoted(value))::text[]"
    }

    private func quoted(_ value: String) -> String {
        let doubled = value.replacingOccurrences(of: "'", with: "''")
        guard doubled.contains(":") else { return "'\(doubled)'" }
        // pgbench would read a name after a colon as a variable, also within quotes.
        let text = "('" + doubled.replacingOccurrences(of: ":", with: "' || chr(58) || '") + "')"
        if value.hasPrefix("{\"") { return text + "::jsonb" }
        let isTime = value.range(of: "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:", options: .regularExpression) != nil
        return isTime ? text + "::timestamptz" : text
    }
}
