/// What the quantity of a line counts (arrêté 83-50/A of 3 October 1983, article 3; EN 16931 BT-130).
package enum BilledUnit: String, Hashable, Sendable, Codable, CaseIterable {
    case piece, hour
    case kilogram = "kg"
    case gram = "g"
    case millilitre = "ml"
    case litre = "l"

    /// As data call it (UN/ECE recommendation 20).
    package var code: String {
        switch self {
        case .piece: "C62"
        case .hour: "HUR"
        case .kilogram: "KGM"
        case .gram: "GRM"
        case .millilitre: "MLT"
        case .litre: "LTR"
        }
    }
}
