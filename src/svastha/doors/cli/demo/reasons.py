"""What invented patients write when they book."""

REASONS = {
    "en": (
        "Knee pain when climbing stairs, for about three months",
        "Acidity after dinner, most days",
        "Trouble falling asleep since a change of shift",
        "Follow-up: the powder helped, questions about diet",
        "Dry cough that stays after a cold",
        "Itching on both arms, worse in the evening",
        "Stiff neck and headaches from desk work",
        "Irregular cycle, would like to discuss options",
        "Low energy after a long fever",
        "Constipation while travelling",
        "Lower back pain since lifting boxes",
        "Advice on a seasonal routine",
        "Hair fall over the last half year",
        "Second opinion on a panchakarma plan",
    ),
    "hi": (
        "तीन महीने से सीढ़ियाँ चढ़ते समय घुटने में दर्द",
        "खाने के बाद खट्टी डकार और जलन",
        "रात को नींद नहीं आती",
        "दवा से आराम है, आहार के बारे में पूछना है",
        "सर्दी के बाद सूखी खाँसी",
        "कमर में दर्द, बैठने पर बढ़ता है",
        "पेट साफ़ नहीं रहता",
        "बुखार के बाद कमज़ोरी",
    ),
}
