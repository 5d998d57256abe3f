package import PaymentModel

/// Reads the fields of an object and collects everything that is wrong with them.
///
/// Each reader answers a value, a stand-in when the field was refused, so that reading goes on to the end and the
/// caller is told of all problems at once. Nothing may be done with the values before ``finish()`` has passed;
/// ``Request/read(_:)`` calls it in the right place.
package final class Fields {
    /// What is read: the texts of a query are numbers and booleans too.
    enum Source {
        case body
        case query
        case path
    }

    let source: Source
    private let object: JSONObject
    private let pointer: String
    private let collector: Collector
    private var known: Set<String> = []
    private var children: [Fields] = []

    /// How many problems are told at once; a list of a thousand wrong lines needs no thousand messages.
    package static let problemsMax = 100

    /// Fields of a JSON body.
    package convenience init(_ object: JSONObject) {
        self.init(object, source: .body, pointer: "", collector: Collector())
    }

    init(_ object: JSONObject, source: Source, pointer: String = "", collector: Collector = Collector()) {
        self.object = object
        self.source = source
        self.pointer = pointer
        self.collector = collector
    }

    /// Refuses what was not asked for, and throws when anything was refused.
    package func finish() throws(Problem) {
        refuseUnknown()
        guard !collector.problems.isEmpty else { return }
        throw .fields(collector.problems, of: collector.count)
    }

    /// Whether nothing was refused so far.
    package var isValid: Bool { collector.problems.isEmpty }

    /// Whether the field was given at all.
    package func has(_ name: String) -> Bool { object[name] != nil }

    /// Refuses a field for a reason that needs more than the field itself.
    package func refuse(_ name: String, reason: Sentence, remedy: Sentence) {
        collector.add(FieldProblem(pointer: pointer(to: name), reason: reason, remedy: remedy))
    }

    /// Collects the problems of one request.
    final class Collector {
        private(set) var problems: [FieldProblem] = []
        private var dropped = 0

        func add(_ problem: FieldProblem) {
            guard problems.count < Fields.problemsMax else { return dropped += 1 }
            problems.append(problem)
        }

        var count: Int { problems.count + dropped }
    }
}

// MARK: The one way a field is read

/// Why a value is not what its field takes.
struct Refusal: Error {
    let reason: Sentence
    let remedy: Sentence
}

extension Fields {
    /// A field that must be there.
    func required<Value>(
        _ name: String, else standIn: @autoclosure () -> Value, remedy: @autoclosure () -> Sentence,
        _ convert: (JSONValue) throws(Refusal) -> Value
    ) -> Value {
        known.insert(name)
        guard let value = object[name], value != .null else {
            refuse(name, reason: "It is missing.", remedy: remedy())
            return standIn()
        }
        return converted(name, value, convert) ?? standIn()
    }

    /// A field that may be left out or null, which mean the same.
    func optional<Value>(_ name: String, _ convert: (JSONValue) throws(Refusal) -> Value) -> Value? {
        known.insert(name)
        guard let value = object[name], value != .null else { return nil }
        return converted(name, value, convert)
    }

    private func converted<Value>(
        _ name: String, _ value: JSONValue, _ convert: (JSONValue) throws(Refusal) -> Value
    ) -> Value? {
        do throws(Refusal) {
            return try convert(value)
        } catch {
            refuse(name, reason: error.reason, remedy: error.remedy)
            return nil
        }
    }

    func child(_ object: JSONObject, at name: String) -> Fields {
        let child = Fields(object, source: source, pointer: pointer(to: name), collector: collector)
        children.append(child)
        return child
    }

    private func pointer(to name: String) -> String {
        switch source {
        case .query: "?" + name
        case .path: "{" + name + "}"
        case .body: pointer + "/" + Self.escaped(name)
        }
    }

    /// RFC 6901: a slash inside a name would read as a step.
    private static func escaped(_ name: String) -> String {
        var text = ""
        for character in name.prefix(100) {
            switch character {
            case "~": text.append("~0")
            case "/": text.append("~1")
            default: text.append(character)
            }
        }
        return text
    }

    private func refuseUnknown() {
        for name in object.names where !known.contains(name) {
            let nearest = Suggestion.nearest(to: name, among: known)
            refuse(
                name, reason: "There is no such field.",
                remedy: nearest.map { "Did you mean \"\($0)\"?" } ?? "Leave it out.")
        }
        for child in children { child.refuseUnknown() }
    }
}

// MARK: Objects and lists

extension Fields {
    /// An object inside; its fields report into the same list of problems.
    package func object(_ name: String) -> Fields {
        required(name, else: Fields(JSONObject(), source: source), remedy: "Give an object.") {
            value throws(Refusal) in child(try Reading.object(value), at: name)
        }
    }

    /// An object inside that may be left out.
    package func optionalObject(_ name: String) -> Fields? {
        optional(name) { value throws(Refusal) in child(try Reading.object(value), at: name) }
    }

    /// A list of objects, each read by `read`.
    package func list<Element>(
        _ name: String, count: ClosedRange<Int> = 1...1_000, _ read: (Fields) -> Element
    ) -> [Element] {
        let elements: [JSONValue] = required(name, else: [], remedy: "Give a list of objects.") {
            value throws(Refusal) in try Reading.list(value, count: count)
        }
        return elements.enumerated().compactMap { index, element in
            guard case .object(let object) = element else {
                let refusal = Reading.wrongKind(element, expected: "an object")
                refuse("\(name)/\(index)", list: true, refusal)
                return nil
            }
            return read(child(object, at: name, index: index))
        }
    }

    /// A list of texts.
    package func strings(_ name: String, count: ClosedRange<Int> = 0...1_000, max: Int = 200) -> [String] {
        values(name, count: count) { value throws(Refusal) in try Reading.text(value, max: max) }
    }

    /// A list of texts that may be left out.
    package func optionalStrings(
        _ name: String, count: ClosedRange<Int> = 0...1_000, max: Int = 200
    ) -> [String]? {
        optional(name) { value throws(Refusal) in
            var texts: [String] = []
            for element in try Reading.list(value, count: count) { texts.append(try Reading.text(element, max: max)) }
            return texts
        }
    }

    /// A list of ids.
    package func ids<ID: Identifier>(
        _ name: String, of type: ID.Type = ID.self, count: ClosedRange<Int> = 0...1_000
    ) -> [ID] {
        values(name, count: count) { value throws(Refusal) in try Reading.id(value) }
    }

    private func values<Element>(
        _ name: String, count: ClosedRange<Int>, _ convert: (JSONValue) throws(Refusal) -> Element
    ) -> [Element] {
        let elements: [JSONValue] = required(name, else: [], remedy: "Give a list.") {
            value throws(Refusal) in try Reading.list(value, count: count)
        }
        return elements.enumerated().compactMap { index, element in
            do throws(Refusal) {
                return try convert(element)
            } catch {
                refuse("\(name)/\(index)", list: true, error)
                return nil
            }
        }
    }

    private func child(_ object: JSONObject, at name: String, index: Int) -> Fields {
        let place = "\(pointer(to: name))/\(index)"
        let child = Fields(object, source: source, pointer: place, collector: collector)
        children.append(child)
        return child
    }

    /// A problem of an element; its place is a path already, so its slash stays.
    private func refuse(_ place: String, list: Bool, _ refusal: Refusal) {
        collector.add(FieldProblem(pointer: "\(pointer)/\(place)", reason: refusal.reason, remedy: refusal.remedy))
    }
}
