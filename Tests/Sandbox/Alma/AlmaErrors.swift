/// The provider's error bodies.
enum AlmaError {
    static func validation(_ errors: [JSON]) -> Refusal {
        Refusal(.json(["error_code": "validation_error", "errors": .list(errors)], status: 400))
    }

    static func validation(field: String, code: String, message: String) -> Refusal {
        validation([["field": .text(field), "error_code": .text(code), "message": .text(message)]])
    }

    static func other(_ code: String, _ message: String, status: Int) -> Refusal {
        Refusal(.json(["error_code": .text(code), "message": .text(message)], status: status))
    }

    static let badKey = other("unauthorized", "Clé d'API inconnue", status: 401)
    static let unknown = other("not_found", "Ressource introuvable", status: 404)
}

/// Collects every problem of a request before refusing it, as the provider does.
struct AlmaValidation {
    private(set) var errors: [JSON] = []

    mutating func report(_ field: String, _ code: String, _ message: String, value: JSON? = nil) {
        var error: JSON = ["field": .text(field), "error_code": .text(code), "message": .text(message)]
        if let value { error.set("value", to: value) }
        errors.append(error)
    }

    func finish() throws {
        if !errors.isEmpty { throw AlmaError.validation(errors) }
    }

    /// A whole number within bounds, or nil with the problem noted.
    mutating func integer(
        _ object: JSON, _ key: String, at path: String, required: Bool = false, in range: ClosedRange<Int64>
    ) -> Int64? {
        let field = path + key
        guard let value = object.given(key) else {
            if required { report(field, "missing_field", "Ce champ est obligatoire") }
            return nil
        }
        guard let number = value.asInteger else {
            report(field, "invalid_type", "Un entier est attendu", value: value)
            return nil
        }
        guard range.contains(number) else {
            report(field, "invalid_value", "La valeur est hors limites", value: value)
            return nil
        }
        return number
    }

    mutating func text(_ object: JSON, _ key: String, at path: String, lengthMax: Int = 2_048) -> String? {
        guard let value = object.given(key) else { return nil }
        guard let text = value.asText else {
            report(path + key, "invalid_type", "Une chaîne est attendue", value: value)
            return nil
        }
        if text.count > lengthMax { report(path + key, "too_long", "La valeur est trop longue") }
        return text
    }

    mutating func url(_ object: JSON, _ key: String, at path: String) -> String? {
        guard let text = text(object, key, at: path) else { return nil }
        let isURL = (text.hasPrefix("http://") || text.hasPrefix("https://")) && !text.contains(" ")
        if !isURL { report(path + key, "invalid_value", "Une URL est attendue", value: .text(text)) }
        return text
    }

    mutating func flag(_ object: JSON, _ key: String, at path: String) -> Bool? {
        guard let value = object.given(key) else { return nil }
        if value.asBool == nil { report(path + key, "invalid_type", "Un booléen est attendu", value: value) }
        return value.asBool
    }

    /// An object, or an empty one with the problem noted.
    mutating func object(_ object: JSON, _ key: String, at path: String) -> JSON {
        guard let value = object.given(key) else { return [:] }
        guard value.isObject else {
            report(path + key, "invalid_type", "Un objet est attendu", value: value)
            return [:]
        }
        return value
    }
}
