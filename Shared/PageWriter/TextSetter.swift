import CPangoCairo

/// Sets text: pango's layouts with the fonts and figures all our documents use.
@safe struct TextSetter {
    private let context: OpaquePointer
    private let scale = Double(PANGO_SCALE)

    /// `context` is cairo's; it must outlive this.
    init(_ context: OpaquePointer) { unsafe self.context = context }

    func measure(_ text: String, _ style: TextStyle, width: Double?) -> Size {
        let layout = unsafe laidOut(text, style, width: width)
        defer { unsafe quittance_release(UnsafeMutableRawPointer(layout)) }
        return unsafe size(of: layout)
    }

    /// Sets the text at the context's current point.
    func show(_ text: String, _ style: TextStyle, width: Double?) -> Size {
        let layout = unsafe laidOut(text, style, width: width)
        defer { unsafe quittance_release(UnsafeMutableRawPointer(layout)) }
        unsafe pango_cairo_show_layout(context, layout)
        return unsafe size(of: layout)
    }

    private func laidOut(_ text: String, _ style: TextStyle, width: Double?) -> OpaquePointer {
        let layout: OpaquePointer = unsafe pango_cairo_create_layout(context)
        // Advances are not rounded to a screen's pixels: a page has none.
        unsafe pango_context_set_round_glyph_positions(pango_layout_get_context(layout), 0)
        let font: OpaquePointer = unsafe pango_font_description_new()
        unsafe pango_font_description_set_family(font, PageDrawing.family)
        unsafe pango_font_description_set_weight(font, style.isBold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL)
        unsafe pango_font_description_set_absolute_size(font, style.size * scale)
        unsafe pango_layout_set_font_description(layout, font)
        unsafe pango_font_description_free(font)
        // Figures of one width, so that columns of amounts stand straight.
        let attributes = unsafe pango_attr_list_new()
        unsafe pango_attr_list_insert(attributes, pango_attr_font_features_new("tnum=1"))
        unsafe pango_layout_set_attributes(layout, attributes)
        unsafe pango_attr_list_unref(attributes)
        unsafe pango_layout_set_width(layout, width.map { Int32($0 * scale) } ?? -1)
        unsafe pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
        unsafe pango_layout_set_alignment(layout, Self.alignment(style.alignment))
        unsafe pango_layout_set_text(layout, text, Int32(text.utf8.count))
        return unsafe layout
    }

    private func size(of layout: OpaquePointer) -> Size {
        var (width, height): (Int32, Int32) = (0, 0)
        unsafe pango_layout_get_size(layout, &width, &height)
        return Size(Double(width) / scale, Double(height) / scale)
    }

    private static func alignment(_ alignment: TextStyle.Alignment) -> PangoAlignment {
        switch alignment {
        case .left: PANGO_ALIGN_LEFT
        case .centre: PANGO_ALIGN_CENTER
        case .right: PANGO_ALIGN_RIGHT
        }
    }
}
