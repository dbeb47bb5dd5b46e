-- directory: what a person who looks for a doctor can find, and how her words are understood ----------------------------
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;

-- Words as they sound rather than as they are spelt, in a-z and 0-9 alone, so that "panchkarma", "Pañcakarma" and
-- "पंचकर्म" meet, and so that the answer does not depend on the locale of the server: with the C locale pg_trgm sees no
-- letter outside ASCII. Devanagari is read aloud: a consonant carries an "a" unless a vowel sign follows or the word ends.
CREATE FUNCTION folded(said text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    t text := lower(normalize(said, NFKD));
BEGIN
    -- accents, nukta, avagraha, joiners, and the English possessive
    t := regexp_replace(t, '[\u0300-\u036f\u093c\u093d\u200c\u200d]|[''’](s\M)?', '', 'g');
    t := replace(t, 'ज्ञ', 'ग्य');
    t := regexp_replace(t, '([\u0915-\u0939])(?=[\u0900-\u0939\u0950])', '\1a', 'g');
    t := regexp_replace(t, '[चछ]', 'C', 'g'); -- capital C: the sound of "ch", until the plain c is dealt with
    t := regexp_replace(t, '[ऐै]', 'ai', 'g');
    t := regexp_replace(t, '[औौ]', 'au', 'g');
    t := regexp_replace(t, '[ऋृ]', 'ri', 'g');
    t := translate(t,
        'कखगघङजझञटठडढणतथदधनपफबभमयरलळवशषसहअआइईउऊएओऑऍािीुूेोॉॅंँ०१२३४५६७८९्ः',
        'kkggnjjnttddnttddnpfbbmyrllvssshaaiiuueooeaiiuueooenn0123456789');
    t := regexp_replace(t, 'c?chh?', 'C', 'g');
    t := replace(replace(t, 'ph', 'f'), 'sh', 's');
    t := regexp_replace(t, '([kgjtdb])h', '\1', 'g');
    t := regexp_replace(t, 'c(?=[eiy])', 's', 'g');
    t := replace(replace(replace(replace(t, 'x', 'ks'), 'ee', 'i'), 'oo', 'u'), 'ou', 'au');
    t := lower(translate(t, 'cqwyz', 'kkvij'));
    t := regexp_replace(t, '([a-z])\1+', '\1', 'g');
    t := regexp_replace(t, '[^a-z0-9]+', ' ', 'g');
    RETURN btrim(regexp_replace(t, '(\w{3})a\M', '\1', 'g')); -- Sanskrit "arsha", Hindi "arsh"
END $$;

-- Its words of two letters and more, each once.
CREATE FUNCTION words_of(said text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(word ORDER BY at), '{}') FROM (
        SELECT word, min(at) AS at FROM unnest(string_to_array(folded(said), ' ')) WITH ORDINALITY AS w(word, at)
        WHERE word ~ '[a-z]' AND length(word) > 1 GROUP BY word) w
$$;

CREATE TABLE specialties (
    code text PRIMARY KEY,
    name_en text NOT NULL,
    name_hi text NOT NULL,
    position int NOT NULL CONSTRAINT one_specialty_per_position UNIQUE
);

CREATE TABLE languages (
    code text PRIMARY KEY, -- ISO 639-1, or 639-3 where there is none
    name_en text NOT NULL,
    name_hi text NOT NULL
);

-- Words that say nothing about what is wanted.
CREATE TABLE search_fillers (word text PRIMARY KEY);

-- What people say, and the tags of the doctors they mean by it: complaints, specialties, languages, and so on.
CREATE TABLE search_terms (
    term text PRIMARY KEY,
    tags text[] NOT NULL,
    words text[] NOT NULL CONSTRAINT term_has_words CHECK (cardinality(words) > 0)
);

-- Every word that is understood, and by how many doctors each is carried as the tag "kind:word".
CREATE TABLE search_words (
    kind text NOT NULL CONSTRAINT kind_is_known
        CHECK (kind IN ('term', 'name', 'place', 'specialty', 'language', 'gender', 'mode')),
    word text NOT NULL,
    doctors int NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, word)
);
CREATE INDEX search_words_near ON search_words USING gin (word gin_trgm_ops) WHERE kind IN ('term', 'name', 'place');

-- A doctor at a clinic, as the clinic published it.
CREATE TABLE listings (
    doctor_id uuid NOT NULL REFERENCES doctors,
    clinic_id uuid NOT NULL REFERENCES clinics,
    times_as_of timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (doctor_id, clinic_id)
);
CREATE INDEX listings_clinic ON listings (clinic_id);

-- live: the doctor may practise and the clinic is open. next_free_at: infinity when no time is known.
CREATE TABLE listing_offers (
    doctor_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    mode text NOT NULL CONSTRAINT mode_is_known CHECK (mode IN ('video', 'in_person', 'home_visit')),
    minutes int NOT NULL CONSTRAINT visit_lasts_5_to_240_minutes CHECK (minutes BETWEEN 5 AND 240),
    fee_paise bigint NOT NULL CONSTRAINT fee_is_not_negative CHECK (fee_paise >= 0),
    next_free_at timestamptz NOT NULL DEFAULT 'infinity',
    live boolean NOT NULL DEFAULT false,
    PRIMARY KEY (doctor_id, clinic_id, mode),
    FOREIGN KEY (doctor_id, clinic_id) REFERENCES listings ON DELETE CASCADE
);
-- A page of the search is read along one of these; with a mode, along its own: home visits are late and dear.
CREATE INDEX listing_offers_soonest ON listing_offers (next_free_at, doctor_id) WHERE live;
CREATE INDEX listing_offers_mode_soonest ON listing_offers (mode, next_free_at, doctor_id) WHERE live;
CREATE INDEX listing_offers_fee ON listing_offers (fee_paise, doctor_id) WHERE live;
CREATE INDEX listing_offers_mode_fee ON listing_offers (mode, fee_paise, doctor_id) WHERE live;
CREATE INDEX listing_offers_clinic ON listing_offers (clinic_id, next_free_at) WHERE live;

-- Days (of the clinic's zone) on which something is free.
CREATE TABLE listing_days (
    doctor_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    mode text NOT NULL,
    day date NOT NULL,
    first_at timestamptz NOT NULL,
    left_count int NOT NULL CONSTRAINT something_is_left CHECK (left_count > 0),
    PRIMARY KEY (doctor_id, clinic_id, mode, day),
    FOREIGN KEY (doctor_id, clinic_id, mode) REFERENCES listing_offers ON DELETE CASCADE
);
CREATE INDEX listing_days_soonest ON listing_days (day, first_at, doctor_id);

-- One row for each doctor who can be found at all.
CREATE TABLE directory_entries (
    doctor_id uuid PRIMARY KEY REFERENCES doctors,
    practising_since int NOT NULL,
    tags text[] NOT NULL
);
CREATE INDEX directory_entries_tags ON directory_entries USING gin (tags);
CREATE INDEX directory_entries_experience ON directory_entries (practising_since, doctor_id);

INSERT INTO specialties (position, code, name_en, name_hi) VALUES
    (1, 'kayachikitsa', 'Kayachikitsa', 'कायचिकित्सा'),
    (2, 'panchakarma', 'Panchakarma', 'पंचकर्म'),
    (3, 'shalya_tantra', 'Shalya Tantra', 'शल्य तंत्र'),
    (4, 'shalakya_tantra', 'Shalakya Tantra', 'शालाक्य तंत्र'),
    (5, 'prasuti_stri_roga', 'Prasuti & Stri Roga', 'प्रसूति एवं स्त्री रोग'),
    (6, 'kaumarbhritya', 'Kaumarbhritya', 'कौमारभृत्य'),
    (7, 'agada_tantra', 'Agada Tantra', 'अगद तंत्र'),
    (8, 'rasayana', 'Rasayana', 'रसायन'),
    (9, 'vajikarana', 'Vajikarana', 'वाजीकरण'),
    (10, 'dravyaguna', 'Dravyaguna', 'द्रव्यगुण'),
    (11, 'swasthavritta', 'Swasthavritta', 'स्वस्थवृत्त'),
    (12, 'rasashastra', 'Rasashastra', 'रसशास्त्र');

INSERT INTO languages (code, name_en, name_hi) VALUES
    ('as', 'Assamese', 'असमिया'), ('bn', 'Bengali', 'बांग्ला'), ('brx', 'Bodo', 'बोड़ो'), ('doi', 'Dogri', 'डोगरी'),
    ('en', 'English', 'अंग्रेज़ी'), ('gu', 'Gujarati', 'गुजराती'), ('hi', 'Hindi', 'हिन्दी'), ('kn', 'Kannada', 'कन्नड़'),
    ('kok', 'Konkani', 'कोंकणी'), ('ks', 'Kashmiri', 'कश्मीरी'), ('mai', 'Maithili', 'मैथिली'), ('ml', 'Malayalam', 'मलयालम'),
    ('mni', 'Manipuri', 'मणिपुरी'), ('mr', 'Marathi', 'मराठी'), ('ne', 'Nepali', 'नेपाली'), ('or', 'Odia', 'ओड़िया'),
    ('pa', 'Punjabi', 'पंजाबी'), ('sa', 'Sanskrit', 'संस्कृत'), ('sat', 'Santali', 'संथाली'), ('sd', 'Sindhi', 'सिंधी'),
    ('ta', 'Tamil', 'तमिल'), ('te', 'Telugu', 'तेलुगु'), ('ur', 'Urdu', 'उर्दू');

INSERT INTO search_fillers (word) SELECT unnest(words_of($words$
    an the of for in on at to from with without and or my me we is am are be have has had having it its this that since
    after before while during near nearby nearest very too much more always all some any who what which how cannot
    not no need want looking find get good best top expert specialist specialists doctor doctors dr vaidya vaid hakim
    physician consultant consultation consult appointment book treatment treat treats cure medicine problem problems
    issue issues trouble symptom symptoms disease diseases disorder severe chronic acute mild sudden constant ayurveda
    ayurvedic ayurved ayush clinic centre center hospital speaking speak speaks years year days weeks week months old
    ka ki ke ko mein me se par pe aur ya hai hain ho hona hota hoti raha rahi rahe mujhe mera meri mere hamein na nahi
    bahut zyada wala wale wali liye ilaj dawa dawai upchar samasya pareshani bimari
    का की के को में मे से पर और या है हैं हो होना होता होती रहा रही रहे मुझे मेरा मेरी मेरे हमें ना नहीं बहुत ज़्यादा वाला वाले वाली लिए
    डॉक्टर वैद्य इलाज दवा दवाई उपचार समस्या परेशानी बीमारी आयुर्वेद आयुर्वेदिक क्लिनिक
$words$));

-- Everyday words in English, Hindi in both scripts, and the Sanskrit term where people know it. Pointers to a kind of
-- doctor, not diagnoses; what belongs in an emergency ward (chest pain, snake bite) is left out on purpose.
INSERT INTO search_terms (term, tags, words)
WITH said (tags, terms) AS (VALUES
    ('specialty:kayachikitsa specialty:panchakarma',
     'acidity|heartburn|burning after food|sour burps|acid reflux|GERD|अम्लपित्त|एसिडिटी|सीने में जलन|खट्टी डकार|
      amlapitta|seene mein jalan|khatti dakar'),
    ('specialty:kayachikitsa', 'gas|gas trouble|bloating|flatulence|गैस|पेट फूलना|अफारा|pet phoolna|afara|adhmana'),
    ('specialty:kayachikitsa',
     'indigestion|weak digestion|digestion|loss of appetite|अपच|बदहज़मी|भूख न लगना|पाचन|badhazmi|bhookh na lagna|
      pachan|ajirna|agnimandya'),
    ('specialty:kayachikitsa specialty:panchakarma', 'constipation|hard stool|कब्ज़|मलबद्धता|kabz|vibandha'),
    ('specialty:kayachikitsa', 'loose motions|diarrhoea|diarrhea|dysentery|दस्त|पेचिश|dast|pechish|atisara'),
    ('specialty:kayachikitsa specialty:panchakarma', 'IBS|irritable bowel|colitis|ग्रहणी|संग्रहणी|grahani|sangrahani'),
    ('specialty:kayachikitsa', 'stomach ache|stomach pain|abdominal pain|stomach|stomach ulcer|पेट दर्द|पेट|pet dard|
      udara shoola'),
    ('specialty:kayachikitsa', 'vomiting|nausea|travel sickness|उल्टी|मतली|ulti|matli|chhardi'),
    ('specialty:kayachikitsa specialty:panchakarma', 'jaundice|fatty liver|hepatitis|liver|पीलिया|यकृत|लिवर|piliya|
      yakrit'),
    ('specialty:shalya_tantra', 'piles|bleeding piles|haemorrhoids|hemorrhoids|बवासीर|अर्श|bawaseer|arsha'),
    ('specialty:shalya_tantra',
     'fistula|anal fissure|fissure|pilonidal sinus|भगंदर|गुदा में दर्द|क्षार सूत्र|bhagandara|parikartika|
      kshara sutra'),
    ('specialty:shalya_tantra', 'wound|abscess|boil|cyst|lump|hernia|hydrocele|wart|corn|घाव|फोड़ा|गांठ|मस्सा|ghav|
      phoda|gaanth|vrana'),
    ('specialty:shalya_tantra', 'surgery|surgeon|operation|शल्य चिकित्सा|ऑपरेशन'),
    ('specialty:shalya_tantra specialty:panchakarma', 'sprain|sports injury|fracture|मोच|हड्डी|moch|haddi'),
    ('specialty:shalya_tantra specialty:kayachikitsa',
     'kidney stone|gall stone|gallbladder stone|stone|पथरी|गुर्दे की पथरी|pathri|ashmari|prostate|प्रोस्टेट'),
    ('specialty:shalya_tantra specialty:kayachikitsa', 'varicose veins|swollen veins|नसों की सूजन|nason ki sujan'),
    ('specialty:kayachikitsa', 'urine infection|UTI|burning urine|frequent urination|urine|पेशाब में जलन|पेशाब|
      peshab mein jalan|mutrakrichra'),
    ('specialty:kayachikitsa', 'kidney|kidney failure|creatinine|swollen feet|किडनी|गुर्दा|सूजन|gurda|sujan|shotha'),
    ('specialty:kayachikitsa specialty:panchakarma',
     'joint pain|joints|arthritis|osteoarthritis|rheumatoid arthritis|swollen joints|stiff joints|जोड़ों का दर्द|
      गठिया|आमवात|संधिवात|jodon ka dard|gathiya|amavata|sandhivata'),
    ('specialty:kayachikitsa specialty:panchakarma',
     'knee pain|knee|ankle pain|heel pain|घुटने का दर्द|एड़ी का दर्द|ghutne ka dard|edi ka dard|janu shoola'),
    ('specialty:kayachikitsa specialty:panchakarma',
     'back pain|backache|low back pain|slipped disc|spine|कमर दर्द|पीठ दर्द|रीढ़|kamar dard|peeth dard|kati shoola|
      katigraha'),
    ('specialty:kayachikitsa specialty:panchakarma', 'sciatica|leg pain|nerve pain|numbness|tingling|साइटिका|गृध्रसी|
      सुन्नपन|gridhrasi|sunnpan'),
    ('specialty:kayachikitsa specialty:panchakarma',
     'neck pain|stiff neck|cervical|spondylosis|spondylitis|frozen shoulder|shoulder pain|गर्दन दर्द|कंधे का दर्द|
      सर्वाइकल|gardan dard|kandhe ka dard|avabahuka'),
    ('specialty:kayachikitsa specialty:panchakarma', 'body pain|muscle pain|fibromyalgia|बदन दर्द|शरीर में दर्द|
      badan dard'),
    ('specialty:panchakarma specialty:kayachikitsa', 'paralysis|facial palsy|tremor|parkinsons|लकवा|पक्षाघात|lakwa|
      pakshaghata|ardita|kampavata'),
    ('specialty:kayachikitsa', 'gout|uric acid|यूरिक एसिड|वातरक्त|vatarakta'),
    ('specialty:kayachikitsa', 'epilepsy|seizures|मिर्गी|mirgi|apasmara'),
    ('specialty:kayachikitsa specialty:shalakya_tantra',
     'migraine|headache|half head pain|माइग्रेन|सिरदर्द|सिर दर्द|आधे सिर का दर्द|sirdard|sir dard|aadhe sir ka dard|
      ardhavabhedaka|shirashoola'),
    ('specialty:kayachikitsa', 'dizziness|vertigo|giddiness|चक्कर आना|chakkar aana|bhrama'),
    ('specialty:kayachikitsa specialty:panchakarma',
     'insomnia|sleeplessness|poor sleep|sleep|अनिद्रा|नींद न आना|नींद|neend na aana|neend|anidra'),
    ('specialty:shalakya_tantra specialty:kayachikitsa', 'snoring|खर्राटे|kharrate'),
    ('specialty:kayachikitsa specialty:swasthavritta',
     'stress|anxiety|depression|tension|low mood|panic attacks|burnout|mental health|तनाव|चिंता|घबराहट|अवसाद|उदासी|
      tanav|chinta|ghabrahat|udasi|chittodvega'),
    ('specialty:kayachikitsa specialty:rasayana',
     'poor memory|memory loss|forgetfulness|concentration|brain fog|याददाश्त|भूलने की आदत|yaddasht|bhoolne ki aadat'),
    ('specialty:rasayana specialty:kayachikitsa',
     'tiredness|fatigue|weakness|low energy|immunity|low immunity|long covid|थकान|कमज़ोरी|इम्युनिटी|thakan|kamzori|
      daurbalya'),
    ('specialty:rasayana', 'ageing|aging|rejuvenation|longevity|wrinkles|बुढ़ापा|कायाकल्प|budhapa|kayakalpa'),
    ('specialty:rasayana specialty:kayachikitsa', 'cancer care|after chemotherapy|कैंसर|weight gain|underweight|
      दुबलापन|वज़न बढ़ाना|dublapan|vajan badhana'),
    ('specialty:kayachikitsa', 'fever|viral fever|typhoid|malaria|dengue|chikungunya|बुखार|ज्वर|bukhar|jwara'),
    ('specialty:kayachikitsa specialty:shalakya_tantra',
     'cold|common cold|flu|runny nose|सर्दी|ज़ुकाम|सर्दी ज़ुकाम|sardi|zukam|sardi zukam|pratishyaya'),
    ('specialty:kayachikitsa', 'cough|dry cough|phlegm|bronchitis|खांसी|सूखी खांसी|बलगम|khansi|sukhi khansi|balgam'),
    ('specialty:kayachikitsa specialty:panchakarma',
     'asthma|wheezing|breathlessness|shortness of breath|दमा|अस्थमा|सांस फूलना|dama|saans phoolna|tamaka shwasa'),
    ('specialty:kayachikitsa specialty:agada_tantra',
     'allergy|dust allergy|food allergy|sneezing|hives|urticaria|एलर्जी|छींक|पित्ती|शीतपित्त|chheenk|pitti|
      sheetapitta'),
    ('specialty:shalakya_tantra', 'sinus|sinusitis|blocked nose|nose|nasal polyp|nosebleed|साइनस|नाक बंद|नाक|नकसीर|
      naak band|naak|naksir|peenasa'),
    ('specialty:shalakya_tantra', 'sore throat|throat|tonsils|tonsillitis|hoarse voice|गले में खराश|गला|टॉन्सिल|
      gale mein kharash|gala'),
    ('specialty:shalakya_tantra', 'ear pain|earache|ear|ear discharge|hearing loss|tinnitus|कान दर्द|कान बहना|कान|
      kaan dard|kaan behna|kaan|karna shoola'),
    ('specialty:shalakya_tantra',
     'eye|eyes|eye pain|dry eyes|red eyes|watery eyes|weak eyesight|eye strain|cataract|glaucoma|conjunctivitis|आंख|
      आंखों में जलन|नज़र कमज़ोर|मोतियाबिंद|aankh|aankhon mein jalan|nazar kamzor|motiyabind|netra roga'),
    ('specialty:shalakya_tantra', 'mouth ulcer|toothache|teeth|bleeding gums|bad breath|मुंह के छाले|दांत दर्द|दांत|
      मसूड़े|muh ke chhale|daant dard|daant|masude'),
    ('specialty:shalakya_tantra', 'ENT|ear nose throat|dentist|ophthalmologist'),
    ('specialty:kayachikitsa specialty:shalakya_tantra',
     'hair fall|hair loss|hair|baldness|thinning hair|dandruff|grey hair|बाल झड़ना|बालों का झड़ना|बाल|रूसी|गंजापन|
      सफ़ेद बाल|baal jhadna|balon ka jhadna|baal|rusi|ganjapan|safed baal|khalitya|palitya'),
    ('specialty:kayachikitsa specialty:agada_tantra',
     'itching|skin itching|skin|rash|ringworm|fungal infection|eczema|dermatitis|skin allergy|dermatologist|खुजली|दाद|
      एक्ज़िमा|त्वचा रोग|त्वचा|चर्म रोग|khujli|daad|twacha rog|twacha|charm rog|kandu|dadru|vicharchika'),
    ('specialty:kayachikitsa specialty:panchakarma',
     'psoriasis|scaly skin|vitiligo|white patches|सोरायसिस|सफ़ेद दाग|safed daag|kushtha|shwitra'),
    ('specialty:kayachikitsa specialty:panchakarma', 'acne|pimples|pigmentation|dark spots|melasma|oily skin|मुंहासे|
      झाइयां|muhase|jhaiyan'),
    ('specialty:kayachikitsa specialty:swasthavritta', 'sweating|body odour|पसीना|paseena'),
    ('specialty:kayachikitsa', 'diabetes|high sugar|blood sugar|sugar|prediabetes|मधुमेह|शुगर|डायबिटीज़|madhumeha|
      prameha'),
    ('specialty:kayachikitsa', 'thyroid|hypothyroid|hypothyroidism|hyperthyroid|goitre|थायराइड|galaganda'),
    ('specialty:kayachikitsa specialty:panchakarma specialty:swasthavritta',
     'weight loss|lose weight|weight|obesity|overweight|belly fat|मोटापा|वज़न घटाना|वज़न|motapa|vajan ghatana|vajan|
      sthaulya'),
    ('specialty:kayachikitsa', 'high blood pressure|low blood pressure|blood pressure|BP|high BP|hypertension|बीपी|
      रक्तचाप|raktachap'),
    ('specialty:kayachikitsa', 'cholesterol|heart health|palpitations|कोलेस्ट्रॉल|धड़कन|dhadkan|hridroga'),
    ('specialty:kayachikitsa specialty:rasashastra', 'anaemia|anemia|low haemoglobin|low hemoglobin|खून की कमी|
      khoon ki kami|raktalpata'),
    ('specialty:kayachikitsa', 'general medicine|family doctor|internal medicine|सामान्य चिकित्सा'),
    ('specialty:prasuti_stri_roga',
     'PCOS|PCOD|polycystic ovary|ovarian cyst|irregular periods|missed period|पीसीओएस|पीसीओडी|अनियमित माहवारी|
      aniyamit mahwari'),
    ('specialty:prasuti_stri_roga',
     'period pain|painful periods|heavy periods|periods|menstrual cramps|menstruation|heavy bleeding|माहवारी|
      माहवारी में दर्द|मासिक धर्म|mahwari|masik dharm|kashtartava'),
    ('specialty:prasuti_stri_roga', 'white discharge|leucorrhoea|vaginal infection|vaginal itching|श्वेत प्रदर|
      सफ़ेद पानी|safed pani|shweta pradara'),
    ('specialty:prasuti_stri_roga specialty:vajikarana',
     'infertility|female infertility|trying for a baby|conceive|IVF|बांझपन|संतान|banjhpan|santan|vandhyatva'),
    ('specialty:prasuti_stri_roga', 'pregnancy|pregnant|morning sickness|antenatal|गर्भावस्था|गर्भ संस्कार|
      garbhavastha|garbh sanskar|garbhini'),
    ('specialty:prasuti_stri_roga specialty:panchakarma',
     'after delivery|postnatal care|postpartum|breast milk|breastfeeding|प्रसव के बाद|prasav ke baad|sutika'),
    ('specialty:prasuti_stri_roga specialty:rasayana', 'menopause|hot flushes|hot flashes|रजोनिवृत्ति|rajonivritti'),
    ('specialty:prasuti_stri_roga', 'fibroids|endometriosis|uterus|ovary|गर्भाशय|बच्चेदानी|garbhashay|bachchedani'),
    ('specialty:prasuti_stri_roga',
     'women health|womens health|gynaecology|gynecology|gynaecologist|gynecologist|obstetrician|स्त्री रोग|महिला रोग|stri rog|
      mahila rog'),
    ('specialty:kaumarbhritya',
     'child|children|kids|baby|newborn|toddler|paediatrics|pediatrics|paediatrician|pediatrician|बच्चा|बच्चे|बच्चों|
      शिशु|बाल रोग|bachcha|bachche|bachchon|shishu|bal rog'),
    ('specialty:kaumarbhritya',
     'child cold|baby cold|child cough|child fever|child constipation|child not eating|बच्चे को सर्दी|बच्चे की खांसी|
      बच्चे को बुखार|bachche ko sardi|bachche ki khansi|bachche ko bukhar'),
    ('specialty:kaumarbhritya',
     'poor growth|bed wetting|teething|worms|autism|ADHD|delayed speech|बिस्तर गीला करना|पेट के कीड़े|ऑटिज़्म|
      स्वर्णप्राशन|pet ke keede|krimi|swarnaprashan|suvarnaprashan'),
    ('specialty:vajikarana',
     'erectile dysfunction|premature ejaculation|low libido|sperm count|male infertility|sexual weakness|
      sexual health|nightfall|यौन रोग|गुप्त रोग|शीघ्रपतन|मर्दाना कमज़ोरी|नपुंसकता|yaun rog|gupt rog|sheeghrapatan|
      mardana kamzori|napunsakta|swapnadosh|klaibya'),
    ('specialty:agada_tantra', 'insect bite|bee sting|food poisoning|drug reaction|toxicology|कीड़े का काटना|
      keede ka katna'),
    ('specialty:agada_tantra specialty:kayachikitsa', 'addiction|alcohol|quit smoking|tobacco|नशा|नशा मुक्ति|nasha|
      nasha mukti'),
    ('specialty:panchakarma',
     'detox|cleansing|massage|oil massage|abhyanga|shirodhara|virechana|vamana|basti|nasya|शोधन|मालिश|शिरोधारा|
      shodhana|malish'),
    ('specialty:swasthavritta',
     'diet|nutrition|lifestyle|yoga|daily routine|prevention|meditation|आहार|योग|दिनचर्या|aahar|dinacharya|ritucharya|
      pathya'),
    ('specialty:dravyaguna', 'herbs|herbal|medicinal plants|जड़ी बूटी|घरेलू नुस्खे|jadi booti|gharelu nuskhe'),
    ('specialty:rasashastra', 'bhasma|mineral medicine|rasaushadhi|भस्म|रसौषधि'),
    ('gender:female', 'female|lady|महिला|लेडी|mahila'),
    ('mode:video', 'video|video call|online|telemedicine|वीडियो|ऑनलाइन'),
    ('mode:home_visit', 'home visit|at home|घर पर|ghar par')
), all_terms (term, tag) AS (
    SELECT term, tag FROM said, regexp_split_to_table(terms, '\s*\|\s*') term, unnest(string_to_array(tags, ' ')) tag
    UNION ALL
    SELECT unnest(ARRAY[name_en, name_hi]), 'specialty:' || code FROM specialties
    UNION ALL
    SELECT unnest(ARRAY[name_en, name_hi]), 'language:' || code FROM languages
)
SELECT term, array_agg(DISTINCT tag), array(SELECT unnest(words_of(term)) EXCEPT SELECT word FROM search_fillers)
FROM all_terms GROUP BY term;

INSERT INTO search_words (kind, word) SELECT DISTINCT 'term', unnest(words) FROM search_terms;
